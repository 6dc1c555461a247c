"""The rooms that a run is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.dispatcher.reconcile import Patience
from notigate.dispatcher.settled import teller
from notigate.ledger.batch import Recipe
from notigate.planner import Planner
from notigate.planner.forms import Forms
from notigate.planner.roundups import by_name
from notigate.planner.routes import Routes
from notigate.planner.writing import Writer
from notigate.record import Record
from notigate.rooms.opened import room
from notigate.rooms.sources import Sources
from notigate.sending import Sender
from notigate.sums import Sums

if TYPE_CHECKING:
    from notigate.daily import Daily
    from notigate.drafting import Drafting
    from notigate.planner import Planned, Stopped
    from notigate.planning import Planning
    from notigate.remembering import Remembering
    from notigate.reports.desk import Desk
    from notigate.reports.shelf import Shelf


class Runs(Sources):
    """What plans, drafts, promises, sends and records."""

    @room
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
        forms = Forms(
            catalogue=self.catalogue,
            project=self.settings.project,
            locale=self.settings.locale,
            signatures=self.settings.signatures,
            unapproved=lambda channel, occasion, text: self.gate.objection(channel, occasion, text.locale, text.digest),
            enclosed=lambda kind, day: self.reports.enclosed(kind, day),  # noqa: PLW0108 - the room is opened when a report is due
            refusal=self.lineup.refusal,
        )
        return Writer(forms=forms)

    @room
    def planning(self) -> Planning:
        """Plans what is due for the people of the roster."""
        from notigate.planning import Planning  # noqa: PLC0415 - a single send needs none of it

        return Planning(readership=self.readership, planner=self.planner, lineup=self.lineup, forecasts=self.forecasts)

    def daily(self, *, dry_run: bool = False) -> Daily:
        """The run of today: what it looks at, and what it found to be corrected."""
        from notigate.daily import Daily  # noqa: PLC0415 - a single send needs none of it
        from notigate.planner.willing import Willing  # noqa: PLC0415 - as above

        willing = Willing(ledger=self.ledger, occasions=self.catalogue, policy=self.settings.policy)
        planner = self.planner
        return Daily(self.ledger, self.agenda, willing, planner.staff, planner.plan, self.times(), dry_run=dry_run)

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
            self.clock, judge=self.recheck.verdicts, settled=teller(self.plugins), stop=self.stop,
            patience=self.settings.patience, between=between, replies_stop=self.settings.replies_stop,
        )  # fmt: skip

    def record(self, kind: str) -> Record:
        """What a run of this kind leaves."""
        return Record(kind, lambda: self.ledger, self.times)

    @room
    def reports(self) -> Desk:
        """Where reports are made."""
        from notigate.reports.desk import Desk  # noqa: PLC0415 - only where a report is due

        return Desk(self.ledger, self.catalogue, self.clock, self._shelf())

    def _shelf(self) -> Shelf | None:
        from notigate.reports.shelf import Shelf  # noqa: PLC0415 - as above

        asked = self.settings.reports
        return Shelf(self.settings.folder / asked.folder, asked.url) if asked else None

    def forget_reports(self) -> None:
        """What was made for an earlier plan is of no use to a run that sends."""
        self.__dict__.pop("reports", None)
