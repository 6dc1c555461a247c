"""Aliyun's clock: China time, and how far ours is from it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notigate.plugin import Answer

#: send dates and daily limits are counted here; no daylight saving since 1991
CHINA = timezone(timedelta(hours=8))


def offset(answer: Answer, now: datetime) -> float | None:
    """Seconds by which our clock is ahead of the provider's; None when the answer does not tell its time."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
        return (now - theirs).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None


def drift(answer: Answer, now: datetime) -> str:
    """The offset in words."""
    seconds = offset(answer, now)
    if seconds is None:
        return "the provider did not tell its time"
    return f"this machine's clock is {abs(seconds):.0f} s {'ahead' if seconds > 0 else 'behind'}"


def until_tomorrow(now: datetime) -> float:
    """Seconds until the next day begins in China."""
    return _until(now, now.astimezone(CHINA) + timedelta(days=1))


def until_next_month(now: datetime) -> float:
    """Seconds until the next month begins in China."""
    in_next_month = now.astimezone(CHINA).replace(day=1) + timedelta(days=32)
    return _until(now, in_next_month.replace(day=1))


def _until(now: datetime, day: datetime) -> float:
    return (day.replace(hour=0, minute=0, second=0, microsecond=0) - now).total_seconds()
