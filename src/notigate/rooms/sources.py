"""The rooms that all others stand on: what the project has, when what is due, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, cast

from notigate import plugins
from notigate.agenda import Agenda
from notigate.agenda.dues import Dues
from notigate.catalogue import Catalogue, Colleagues
from notigate.ledger import open_ledger
from notigate.lineup import Lineup
from notigate.readership import Readership
from notigate.recheck import Recheck
from notigate.reviews.gate import Gate
from notigate.rooms.opened import Opened, room

if TYPE_CHECKING:
    from notigate.audience import Hook
    from notigate.calendar import Almanac
    from notigate.forecasts import Forecasts
    from notigate.ledger.store import Ledger
    from notigate.moments import Fact


class Sources(Opened):
    """What a project has, and what it knows about days, weather and texts."""

    def close(self) -> None:
        """Let go of connections and files."""
        if "lineup" in vars(self):
            self.lineup.close()
        if "forecasts" in vars(self):
            self.forecasts.close()
        if "ledger" in vars(self):
            self.ledger.close()
        super().close()

    # What the others stand on.

    @room
    def plugins(self) -> plugins.Plugins:
        """The plugins that the project names."""
        loaded = plugins.load(self.settings.named_plugins, self.settings.folder)
        if self._log is not None:
            self._log.listen(loaded.modules)
        return loaded

    @room
    def lineup(self) -> Lineup:
        """The configured channels."""
        return Lineup(self.settings, self.plugins)

    @room
    def ledger(self) -> Ledger:
        """The ledger; made on the very first use."""
        opened = open_ledger(self.settings.ledger, self.settings.ledger_key, self.settings.ledger_key_before)
        opened.prices = self.settings.prices
        return opened

    @room
    def catalogue(self) -> Catalogue:
        """Occasions and texts."""
        offered = [folder for folders in self.plugins.hook.notigate_template_folders() for folder in folders]
        own, settings = self.settings.folder / "templates", self.settings
        return Catalogue.open(
            [own, *offered], locale=settings.locale, overrides={**settings.occasions, **settings.refused},
            colleagues=Colleagues(groups=settings.groups, astray=settings.astray),
        )  # fmt: skip

    @room
    def readership(self) -> Readership:
        """Whom the project writes to."""
        return Readership(settings=self.settings, hook=cast("Hook", self.plugins.hook))

    # When, and what speaks against it.

    @room
    def almanac(self) -> Almanac:
        """The project's workdays and lunar calendar."""
        return self.settings.almanac(self.offered_days)

    @room
    def offered_days(self) -> Mapping[date, bool]:
        """Workdays and rest days that plugins tell."""
        return {day: works for days in self.plugins.hook.notigate_calendars() for day, works in days.items()}

    @room
    def agenda(self) -> Agenda:
        """What is due when."""
        home = str(self.settings.project.get("name") or "")
        dues = Dues(
            almanac=self.almanac,
            weather=lambda *asked: self.forecasts.due(*asked),  # noqa: PLW0108 - the room is opened when weather is asked for
            facts=self._told,
            fact=self._fact,
            home=home,
        )
        return Agenda(self.catalogue, dues)

    def _told(self, kind: str, happening: tuple[date, date], told: date, unless: str) -> Sequence[Fact]:
        from notigate.ledger.facts import due  # noqa: PLC0415 - only for occasions that wait for a fact

        return due(self.ledger, kind, happening, told, unless)

    def _fact(self, kind: str, key: str) -> Fact | None:
        from notigate.ledger.facts import standing  # noqa: PLC0415 - as above

        return standing(self.ledger, kind, key)

    @room
    def forecasts(self) -> Forecasts:
        """The sources of weather."""
        from notigate.forecasts import Forecasts  # noqa: PLC0415 - only for occasions that ask for the weather

        return Forecasts(self.settings, self.plugins, self.clock)

    @room
    def gate(self) -> Gate:
        """Stops texts that their providers did not approve."""
        return Gate(lambda: self.ledger, self.lineup.channel, self.clock.real, self.settings.approved_text)

    @room
    def recheck(self) -> Recheck:
        """Looks once more before what was promised goes."""
        return Recheck(
            clock=self.clock,
            catalogue=self.catalogue,
            weather=lambda *asked: self.forecasts.verdict(*asked),  # noqa: PLW0108 - as above
            gate=self.gate,
            policy=self.settings.policy,
        )
