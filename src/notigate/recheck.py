"""What was promised earlier is looked at once more before it goes: is it on trial, its words, its weather, its hour."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, groupby
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

#: what a verdict depends on, beside the hour and a trial: thousands who are alike in it come one after the other
_alike = attrgetter(
    "channel", "occasion", "locale", "wording", "occurrence", "day", "timezone", "expires_at", "asked", "by_moment", "detail"
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Recheck:
    """Judges deliveries of one project at the moment of sending."""

    clock: Clock
    catalogue: Catalogue
    #: what speaks against a message that warns of weather
    weather: Callable[[Occasion, Delivery], Verdict | None]
    gate: Gate
    policy: Policy

    def verdicts(self, deliveries: Iterable[Delivery]) -> list[Verdict]:
        """May they go now? In their order."""
        now = self.clock.now()
        # What was promised before a trial began is due when it is over.
        over = Hold(now + DOUBTED, ONLY)
        verdicts: list[Verdict] = []
        for _kind, some in groupby(deliveries, key=_alike):
            first = next(some)
            verdict = self._judged(first, now)
            verdicts += [over if self.policy.leaves_out(d.to, d.person) else verdict for d in chain((first,), some)]
        return verdicts

    def _judged(self, delivery: Delivery, now: datetime) -> Verdict:
        if self.gate.stops(delivery.channel, delivery.occasion, delivery.locale, delivery.wording):
            return Hold(now + DOUBTED, "approved-text")
        if delivery.asked:
            return self._asked(delivery, now)
        if objection := self._weather_changed(delivery):
            return objection
        return self._at_hour(delivery, now)

    def _asked(self, delivery: Delivery, now: datetime) -> Verdict:
        """Somebody asks for it now; where its moment gave it an hour of its own, that is kept."""
        if delivery.by_moment:
            with suppress(NotigateError):
                here = _clock_of_reader(delivery, now)
                return at_own_hour(self.catalogue.occasion(delivery.occasion), here, delivery.expires_at, here)
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
        return at_hour(occasion, self.policy, delivery.day, _clock_of_reader(delivery, now))


def _clock_of_reader(delivery: Delivery, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(delivery.timezone)) if delivery.timezone else now
