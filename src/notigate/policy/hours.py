"""At which hours may something go out? In its window, or held until then, or handled as `late` says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from notigate.model import Category, Drop, Go, Hold, Occasion, State, Verdict, Window

if TYPE_CHECKING:
    from notigate.policy import Policy

#: F03: unless the occasion names its own hours; never at night
WINDOWS = (Window(time(10), time(11, 30)), Window(time(15), time(17)))
#: Selling stays inside these hours: the bulk tools of Aliyun, Huawei and Tencent take promotion from 08:00 to 22:00 only.
MARKETING_HOURS = Window(time(8), time(22))

#: greetings and selling: what "do not greet" stops, and, unless `capped` says more, what the caps count and stop
GREETINGS = frozenset({Category.CARE, Category.MARKETING})
#: the rules of what waits for an hour of its own, and for the hours of its day
HOURS = frozenset({"hour", "window"})


def at_hour(occasion: Occasion, policy: Policy, day: date, now: datetime, *, asked: bool = False) -> Verdict:
    """Is `now` an hour at which what is due on `day` may go out?

    Before the window of that day it is held until then. After it, `late` decides: drop, wait for the next of the policy's
    windows, or wait for a person.
    """
    if asked:
        return _asked(occasion, now)
    own = _spans(_windows(occasion, policy), day, now.tzinfo)
    if any(start <= now < end for start, end in own):
        return Go()
    if now < own[0][0]:
        return Hold(own[0][0], "window")
    later = [start for start, _ in own if start > now]
    if later:
        return Hold(later[0], "window")
    return _late(occasion, policy, now)


def at_own_hour(occasion: Occasion, at: datetime, until: datetime | None, now: datetime) -> Verdict:
    """Is `now` an hour at which what has an hour of its own may go out?

    From that hour on, inside the occasion's own hours; where it has none, not at night, but to our own people (F03). Dropped
    once it is worth nothing: when it would have to wait so long, too.
    """
    window = _own_window(occasion)
    start = max(at, now).astimezone(now.tzinfo)
    if window is not None and start.time() not in window:
        begin, _ = _span(window, start.date(), now.tzinfo)
        start = begin if start < begin else _span(window, start.date() + timedelta(days=1), now.tzinfo)[0]
    if until is not None and start >= until:
        return Drop("late", State.EXPIRED)
    return Go() if start <= now else Hold(start, "hour")


def _own_window(occasion: Occasion) -> Window | None:
    if occasion.at:
        return _narrow((occasion.at,), occasion)[0]
    return None if occasion.category is Category.STAFF else MARKETING_HOURS


def opening(occasion: Occasion, policy: Policy, day: date, zone_of: datetime) -> datetime:
    """From when what is due on `day` may go out."""
    return min(start for start, _ in _spans(_windows(occasion, policy), day, zone_of.tzinfo))


def last_moment(occasion: Occasion, policy: Policy, day: date, zone_of: datetime) -> datetime | None:
    """After this the message is stale; None when it never is."""
    if occasion.late != "drop":
        return None
    return max(end for _, end in _spans(_windows(occasion, policy), day, zone_of.tzinfo))


def gone_by(day: date, about: date | None, zone: tzinfo | None) -> datetime | None:
    """When the day that something announces has gone by; None where it announces none."""
    return datetime.combine(about + timedelta(days=1), time(0), zone) if about and day < about else None


def _late(occasion: Occasion, policy: Policy, now: datetime) -> Verdict:
    if occasion.late == "drop":
        return Drop("late", State.EXPIRED)
    if occasion.late == "ask":
        return Hold(None, "late")
    windows = _narrow(policy.windows, occasion)
    today = _spans(windows, now.date(), now.tzinfo)
    if any(start <= now < end for start, end in today):
        return Go()
    tomorrow = _spans(windows, now.date() + timedelta(days=1), now.tzinfo)
    return Hold(next(start for start, _ in today + tomorrow if start > now), "window")


def _asked(occasion: Occasion, now: datetime) -> Verdict:
    if occasion.category is not Category.MARKETING or now.time() in MARKETING_HOURS:
        return Go()
    start, _ = _span(MARKETING_HOURS, now.date(), now.tzinfo)
    return Hold(start if now < start else start + timedelta(days=1), "window")


def _windows(occasion: Occasion, policy: Policy) -> tuple[Window, ...]:
    return _narrow((occasion.at,) if occasion.at else policy.windows, occasion)


def _narrow(windows: Sequence[Window], occasion: Occasion) -> tuple[Window, ...]:
    if occasion.category is not Category.MARKETING:
        return tuple(windows)
    kept = (Window(max(w.start, MARKETING_HOURS.start), min(w.end, MARKETING_HOURS.end)) for w in windows)
    return tuple(w for w in kept if w.start < w.end) or (MARKETING_HOURS,)


@lru_cache(maxsize=256)
def _spans(windows: tuple[Window, ...], day: date, zone: tzinfo | None) -> tuple[tuple[datetime, datetime], ...]:
    """The windows on that day; kept, for thousands ask about the same day."""
    return tuple(_span(window, day, zone) for window in windows)


def _span(window: Window, day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """The window on that day as aware times; one that ends at 24:00 ends with the day."""
    start = datetime.combine(day, window.start, zone)
    if window.end == time.max:
        return start, datetime.combine(day + timedelta(days=1), time(0), zone)
    return start, datetime.combine(day, window.end, zone)
