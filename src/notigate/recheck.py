"""What was promised earlier is looked at once more before it goes: is it on trial, its words, its weather, its hour."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notigate.approvals import APPROVED
from notigate.errors import NotigateError
from notigate.model import Go, Hold, Verdict
from notigate.policy import ONLY, at_hour, at_own_hour
from notigate.reviews.gate import DOUBTED

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.forecasts import Forecasts
    from notigate.model import Delivery
    from notigate.policy import Policy
    from notigate.reviews.gate import Gate


@dataclass(slots=True, kw_only=True)
class Recheck:
    """Judges deliveries of one project at the moment of sending."""

    clock: Clock
    catalogue: Catalogue
    forecasts: Forecasts
    gate: Gate
    policy: Policy
    #: thousands ask in the same second about the same occasion
    _hours: Callable[[str, date, datetime, str, bool], Verdict] = field(init=False)

    def __post_init__(self) -> None:
        self._hours = lru_cache(maxsize=256)(self._at_hour)

    def verdict(self, delivery: Delivery) -> Verdict:
        """May it go now?"""
        if self.policy.leaves_out(delivery.to, delivery.person):
            # What was promised before the trial began is due when it is over.
            return Hold(self.clock.now() + DOUBTED, ONLY)
        if self.gate.stops(delivery.channel, delivery.occasion, delivery.locale, delivery.wording):
            return Hold(self.clock.now() + DOUBTED, "approved-text")
        if delivery.asked:
            return self._asked(delivery)
        if objection := self._weather_changed(delivery):
            return objection
        now, let_go = self.clock.now().replace(microsecond=0), delivery.detail == APPROVED
        return self._hours(delivery.occasion, delivery.day, now, delivery.timezone, let_go)

    def _asked(self, delivery: Delivery) -> Verdict:
        """Somebody asks for it now; where its moment gave it an hour of its own, that is kept."""
        if delivery.by_moment:
            with suppress(NotigateError):
                now = self.clock.now()
                return at_own_hour(self.catalogue.occasion(delivery.occasion), now, delivery.expires_at, now)
        return Go()

    def _weather_changed(self, delivery: Delivery) -> Verdict | None:
        with suppress(NotigateError):
            return self.forecasts.verdict(self.catalogue.occasion(delivery.occasion), delivery)
        return None

    def _at_hour(self, name: str, day: date, now: datetime, zone: str, let_go: bool) -> Verdict:  # noqa: FBT001 - part of the cache's key
        try:
            occasion = self.catalogue.occasion(name)
        except NotigateError:
            return Go()
        if let_go and occasion.late == "ask":
            occasion = replace(occasion, late="next-window")
        return at_hour(occasion, self.policy, day, now.astimezone(ZoneInfo(zone)) if zone else now)
