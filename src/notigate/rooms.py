"""Puts the rooms together: those of one opened project, each opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from notigate import plugins, settings
from notigate.agenda import Agenda
from notigate.agenda.dues import Dues
from notigate.catalogue import Catalogue, Colleagues
from notigate.dispatcher.reconcile import Patience
from notigate.dispatcher.settled import teller
from notigate.edges import Clock, real_now
from notigate.forecasts import Forecasts
from notigate.ledger import open_ledger
from notigate.ledger.batch import Recipe
from notigate.ledger.changes import Times
from notigate.lineup import Lineup
from notigate.planner import Planner
from notigate.planner.roundups import by_name
from notigate.planner.routes import Routes
from notigate.planner.writing import Writer
from notigate.planning import Planning
from notigate.readership import Readership
from notigate.recheck import Recheck
from notigate.record import Record
from notigate.rehearsal import refuse_moved_clock
from notigate.reviews.gate import Gate
from notigate.sending import Sender
from notigate.sums import Sums

if TYPE_CHECKING:
    from notigate.alarms import Alarms
    from notigate.audience import Hook
    from notigate.calendar import Almanac
    from notigate.consent import Consent
    from notigate.daily import Daily
    from notigate.drafting import Drafting
    from notigate.facts import Facts
    from notigate.ledger.store import Ledger
    from notigate.logs import Log
    from notigate.model import Run
    from notigate.moments import Fact
    from notigate.planner import Planned, Stopped
    from notigate.previewing import Previewing
    from notigate.privacy import Privacy
    from notigate.remembering import Remembering
    from notigate.reports.desk import Desk
    from notigate.reports.shelf import Shelf
    from notigate.settings import Settings
    from notigate.texts import Texts

#: seconds that alarms are waited for
CARRIED = 30.0


class Rooms:
    """The rooms of one project. What sending one message does not need is imported when its room is opened."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        #: set it to end a run early: no new claims, calls in flight finish, the rest stays queued
        self.stop = threading.Event()
        #: told while a run goes on: how many went out, of how many that are known to go
        self.progress: Callable[[int, int], None] = lambda _done, _known: None
        self._log = _log(settings)

    @classmethod
    def open(cls, folder: str | Path | None = None, *, now: datetime | time | None = None) -> Self:
        """Open the project in `folder`; see `notigate.open`. A `now` without a day is a time of today."""
        loaded = settings.load(settings.find(folder))
        real = real_now()
        shift = timedelta(0) if now is None else _local(now, loaded) - real
        return cls(loaded, Clock(loaded.timezone, shift))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections and files."""
        if "lineup" in self.__dict__:
            self.lineup.close()
        if "forecasts" in self.__dict__:
            self.forecasts.close()
        if "ledger" in self.__dict__:
            self.ledger.close()
        if self._log is not None:
            self._log.close()

    # What the others stand on.

    @cached_property
    def plugins(self) -> plugins.Plugins:
        """The plugins that the project names."""
        loaded = plugins.load(self.settings.named_plugins, self.settings.folder)
        if self._log is not None:
            self._log.listen(loaded.modules)
        return loaded

    @cached_property
    def lineup(self) -> Lineup:
        """The configured channels."""
        return Lineup(self.settings, self.plugins)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger; made on the very first use."""
        opened = open_ledger(self.settings.ledger, self.settings.ledger_key, self.settings.ledger_key_before)
        opened.prices = self.settings.prices
        return opened

    @cached_property
    def catalogue(self) -> Catalogue:
        """Occasions and texts."""
        offered = [folder for folders in self.plugins.hook.notigate_template_folders() for folder in folders]
        own, settings = self.settings.folder / "templates", self.settings
        return Catalogue.open(
            [own, *offered], locale=settings.locale, overrides={**settings.occasions, **settings.refused},
            colleagues=Colleagues(groups=settings.groups, astray=settings.astray),
        )  # fmt: skip

    @cached_property
    def readership(self) -> Readership:
        """Whom the project writes to."""
        return Readership(settings=self.settings, hook=cast("Hook", self.plugins.hook))

    # When, and what speaks against it.

    @cached_property
    def almanac(self) -> Almanac:
        """The project's workdays and lunar calendar."""
        return self.settings.almanac(self.offered_days)

    @cached_property
    def offered_days(self) -> Mapping[date, bool]:
        """Workdays and rest days that plugins tell."""
        return {day: works for days in self.plugins.hook.notigate_calendars() for day, works in days.items()}

    @cached_property
    def agenda(self) -> Agenda:
        """What is due when."""
        home = str(self.settings.project.get("name") or "")
        return Agenda(
            self.catalogue, Dues(almanac=self.almanac, weather=self.forecasts.due, facts=self._told, home=home)
        )

    def _told(self, kind: str, happening: tuple[date, date], told: date, unless: str) -> Sequence[Fact]:
        from notigate.ledger.facts import due  # noqa: PLC0415 - only for occasions that wait for a fact

        return due(self.ledger, kind, happening, told, unless)

    @cached_property
    def forecasts(self) -> Forecasts:
        """The sources of weather."""
        return Forecasts(self.settings, self.plugins, self.clock)

    @cached_property
    def gate(self) -> Gate:
        """Stops texts that their providers did not approve."""
        return Gate(lambda: self.ledger, self.lineup.channel, self.clock.real, self.settings.approved_text)

    @cached_property
    def recheck(self) -> Recheck:
        """Looks once more before what was promised goes."""
        return Recheck(
            clock=self.clock, catalogue=self.catalogue, forecasts=self.forecasts, gate=self.gate, policy=self.settings.policy
        )  # fmt: skip

    # What a run is made of.

    @cached_property
    def planner(self) -> Planner:
        """Plans for this project's channels, people and rules."""
        return Planner(
            ledger=self.ledger,
            catalogue=self.catalogue,
            routes=Routes(self.lineup.carriers()),
            policy=self.settings.policy,
            writer=self._writer(),
            staff=by_name(self.settings.staff),
            rules=[rule for rules in self.plugins.hook.notigate_rules() for rule in rules],
            complete=not self.lineup.broken(),
        )

    def _writer(self) -> Writer:
        return Writer(
            catalogue=self.catalogue,
            policy=self.settings.policy,
            project=self.settings.project,
            locale=self.settings.locale,
            refusal=self.lineup.refusal,
            unapproved=lambda channel, occasion, text: self.gate.objection(channel, occasion, text.locale, text.digest),
            signatures=self.settings.signatures,
            enclosed=lambda kind, day: self.reports.enclosed(kind, day),  # noqa: PLW0108 - the room is opened when a report is due
        )

    @cached_property
    def planning(self) -> Planning:
        """Plans what is due for the people of the roster."""
        return Planning(readership=self.readership, planner=self.planner, lineup=self.lineup, forecasts=self.forecasts)

    def daily(self, *, dry_run: bool = False) -> Daily:
        """The run of today: what it looks at, and what it found to be corrected."""
        from notigate.daily import Daily  # noqa: PLC0415 - a single send needs none of it
        from notigate.planner.willing import Willing  # noqa: PLC0415 - as above

        willing = Willing(ledger=self.ledger, occasions=self.catalogue, policy=self.settings.policy)
        return Daily(self.ledger, self.agenda, willing, self.planner.staff, self.times(), dry_run=dry_run)

    def remembering(self) -> Remembering:
        """What the last run of today left: may this one find anything new?"""
        from notigate.remembering import Remembering  # noqa: PLC0415 - only the run that cron calls

        return Remembering(
            ledger=self.ledger, settings=self.settings, catalogue=self.catalogue, plugins=self.plugins, lineup=self.lineup,
            forecasts=self.forecasts, offered=self.offered_days, now=self.clock.now(),
        )  # fmt: skip

    def drafting(self, recipe: Recipe | None = None, planning: Planning | None = None) -> Drafting:
        """The batches that wait for an approval, during one run; `recipe` is how what it sends by name was asked for."""
        planning = planning or self.planning
        from notigate.drafting import Drafting  # noqa: PLC0415 - only where something waits

        return Drafting(
            ledger=self.ledger, catalogue=self.catalogue, agenda=self.agenda, planner=self.planner, settings=self.settings,
            clock=self.clock, plan=lambda wish, file: planning.of(wish, roster=Path(file) if file else None),
            recipe=recipe or Recipe(),
        )  # fmt: skip

    def sender(
        self,
        between: Callable[[Sums], Iterable[Planned | Stopped]] = lambda _sums: (),
        *,
        without: Collection[str] = (),
    ) -> Sender:
        """Makes one run; `between` promising and sending it does what is given, and promises what that yields.

        Channels `without` which it is made carry nothing.
        """
        channels = [(name, its) for name, its in self.settings.channels.items() if name not in without]
        return Sender(
            self.ledger, self.lineup, {name: Patience(its.reconcile.first, its.reconcile.confirm) for name, its in channels},
            self.clock, judge=self.recheck.verdict, settled=teller(self.plugins), stop=self.stop,
            patience=self.settings.patience, between=between, replies_stop=self.settings.replies_stop,
        )  # fmt: skip

    def record(self, kind: str) -> Record:
        """What a run of this kind leaves."""
        return Record(kind, lambda: self.ledger, self.times)

    def times(self) -> Times:
        """Now, by the business clock and by the real one."""
        return Times(self.clock.now(), self.clock.real())

    # What sending one message does not need.

    @cached_property
    def alarms(self) -> Alarms:
        """What somebody should look after."""
        from notigate.alarms import Alarms  # noqa: PLC0415 - see above

        return Alarms(
            settings=self.settings, almanac=lambda: self.almanac, ledger=lambda: self.ledger, times=self.times,
            catalogue=lambda: self.catalogue, planner=lambda: self.planner, send=self._send_alarms,
            refuse=lambda: refuse_moved_clock(self.clock, self.lineup, None), lineup=lambda: self.lineup,
        )  # fmt: skip

    def _send_alarms(self, planned: Sequence[Planned | Stopped]) -> Run:
        with self.record("alarms") as record:
            return self.sender(without=self.lineup.unusable()).single(planned, Sums(), record, CARRIED)

    @cached_property
    def facts(self) -> Facts:
        """What other systems and clerks have told."""
        from notigate.facts import Facts  # noqa: PLC0415 - see above

        return Facts(self.ledger, self.clock, self.settings.timezone)

    @cached_property
    def consent(self) -> Consent:
        """The register of opt-outs and consents."""
        from notigate.consent import Consent  # noqa: PLC0415 - see above

        return Consent(self.ledger, self.clock.now)

    def forget_reports(self) -> None:
        """What was made for an earlier plan is of no use to a run that sends."""
        self.__dict__.pop("reports", None)

    @cached_property
    def reports(self) -> Desk:
        """Where reports are made."""
        from notigate.reports.desk import Desk  # noqa: PLC0415 - see above

        return Desk(self.ledger, self.catalogue, self.clock, self._shelf())

    def _shelf(self) -> Shelf | None:
        from notigate.reports.shelf import Shelf  # noqa: PLC0415 - see above

        asked = self.settings.reports
        return Shelf(self.settings.folder / asked.folder, asked.url) if asked else None

    @cached_property
    def texts(self) -> Texts:
        """The texts as their authors see them: listed, checked, compared, submitted."""
        from notigate.texts import Texts  # noqa: PLC0415 - see above

        return Texts(
            settings=self.settings, catalogue=self.catalogue, lineup=self.lineup, ledger=lambda: self.ledger,
            clock=self.clock,
        )  # fmt: skip

    @cached_property
    def previews(self) -> Previewing:
        """The texts as their readers see them."""
        from notigate.previewing import Previewing  # noqa: PLC0415 - see above

        return Previewing(
            settings=self.settings, catalogue=self.catalogue, readership=self.readership, clock=self.clock
        )

    @cached_property
    def privacy(self) -> Privacy:
        """Erasing, forgetting, and who looked."""
        from notigate.privacy import Privacy  # noqa: PLC0415 - see above

        return Privacy(self.ledger, self.lineup, self.times, self.settings.privacy.kept)


def _log(settings: Settings) -> Log | None:
    if settings.log.file is None:
        return None
    from notigate.logs import Log  # noqa: PLC0415 - only for those who keep one

    return Log(settings.log, settings.timezone)


def _local(now: datetime | time, loaded: Settings) -> datetime:
    if isinstance(now, time):
        now = datetime.combine(real_now().astimezone(loaded.timezone), now)
    return now if now.tzinfo else now.replace(tzinfo=loaded.timezone)
