"""What was promised earlier is looked at once more before it goes: is it on trial, its words, its weather, its hour."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notigate.approvals import APPROVED
from notigate.errors import NotigateError
from notigate.model import Go, Hold, Verdict
from notigate.policy import ONLY
from notigate.policy.hours import at_hour, at_own_hour
from notigate.reviews.gate import DOUBTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.model import Delivery, Occasion
    from notigate.policy import Policy
    from notigate.reviews.gate import Gate

#: what a verdict depends on, beside the hour: thousands who are alike in it come one after the other in the same second
_alike = attrgetter("occasion", "occurrence", "day", "timezone", "expires_at", "asked", "by_moment", "detail")


@dataclass(slots=True, kw_only=True)
class Recheck:
    """Judges deliveries of one project at the moment of sending."""

    clock: Clock
    catalogue: Catalogue
    #: what speaks against a message that warns of weather
    weather: Callable[[Occasion, Delivery], Verdict | None]
    gate: Gate
    policy: Policy
    #: the last verdict that was come to, and on what
    _last: tuple[object, Verdict] = (None, Go())

    def verdict(self, delivery: Delivery) -> Verdict:
        """May it go now?"""
        if self.policy.leaves_out(delivery.to, delivery.person):
            # What was promised before the trial began is due when it is over.
            return Hold(self.clock.now() + DOUBTED, ONLY)
        if self.gate.stops(delivery.channel, delivery.occasion, delivery.locale, delivery.wording):
            return Hold(self.clock.now() + DOUBTED, "approved-text")
        now = self.clock.now().replace(microsecond=0)
        kind = now, _alike(delivery)
        last, verdict = self._last
        if kind != last:
            verdict = self._judged(delivery, now)
            self._last = kind, verdict
        return verdict

    def _judged(self, delivery: Delivery, now: datetime) -> Verdict:
        if delivery.asked:
            return self._asked(delivery, now)
        if objection := self._weather_changed(delivery):
            return objection
        return self._at_hour(delivery, now)

    def _asked(self, delivery: Delivery, now: datetime) -> Verdict:
        """Somebody asks for it now; where its moment gave it an hour of its own, that is kept."""
        if delivery.by_moment:
            with suppress(NotigateError):
                return at_own_hour(self.catalogue.occasion(delivery.occasion), now, delivery.expires_at, now)
        return Go()

    def _weather_changed(self, delivery: Delivery) -> Verdict | None:
        with suppress(NotigateError):
            return self.weather(self.catalogue.occasion(delivery.occasion), delivery)
        return None

    def _at_hour(self, delivery: Delivery, now: datetime) -> Verdict:
        try:
            occasion = self.catalogue.occasion(delivery.occasion)
        except NotigateError:
            return Go()
        if delivery.detail == APPROVED and occasion.late == "ask":
            occasion = replace(occasion, late="next-window")
        zone = delivery.timezone
        return at_hour(occasion, self.policy, delivery.day, now.astimezone(ZoneInfo(zone)) if zone else now)
