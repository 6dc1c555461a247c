"""What needs an approval: drafted the workday before, compared with what would be drafted now, let go or missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypeAlias

from notigate import approvals
from notigate.approvals import APPROVAL, LATE, Batch, Stage
from notigate.approvals.sealing import Terms
from notigate.drafting.comparing import Comparison, Difference
from notigate.drafting.seals import Seals
from notigate.drafting.telling import Telling
from notigate.drafting.watching import Watch
from notigate.errors import NotigateError
from notigate.language import _, translate
from notigate.ledger import batches
from notigate.ledger.batch import Recipe
from notigate.ledger.changes import Times
from notigate.model import Drop, Go, Problem, State
from notigate.planner import Planned, Stopped
from notigate.planner.wish import Wish
from notigate.policy import precedence
from notigate.policy.hours import at_hour

if TYPE_CHECKING:
    from notigate.agenda import Agenda
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger, Transaction
    from notigate.planner import Planner
    from notigate.planner.wish import Due
    from notigate.settings import Settings
    from notigate.sums import Sums

#: plans a wish for the people of a roster file (None: the project's)
Plan: TypeAlias = "Callable[[Wish, str | None], Iterator[Planned | Stopped]]"

#: who is at work here gathers alone
ALONE = "SELECT value FROM meta WHERE name = 'generation' {locked}"


@dataclass(slots=True, kw_only=True)
class Drafting:
    """The batches of one project, during one run."""

    ledger: Ledger
    catalogue: Catalogue
    agenda: Agenda
    planner: Planner
    settings: Settings
    clock: Clock
    plan: Plan
    #: how what is sent by name in this run was asked for
    recipe: Recipe = field(default_factory=Recipe)
    _watch: Watch = field(init=False)
    _seals: Seals = field(init=False)

    def __post_init__(self) -> None:
        self._watch = Watch(ledger=self.ledger, recipe=self.recipe)
        self._seals = Seals(ledger=self.ledger, catalogue=self.catalogue, settings=self.settings, clock=self.clock)

    def ahead(self) -> Iterator[Planned | Stopped]:
        """Plan what is to be drafted today for later days. Who is left out is asked again on the day itself."""
        now = self.clock.now()
        for day, due, stopped in self.agenda.ahead(now.date()):
            yield from stopped
            drafted = {"", *(one.occasion.id for one in due)}
            for item in self.plan(Wish(day=day, now=_midnight(day, now), due=(*due, *self._before(due, day))), None):
                if (item.occasion if isinstance(item, Stopped) else item.draft.occasion) not in drafted:
                    continue
                if isinstance(item, Stopped) or not isinstance(item.verdict, Drop):
                    yield item
                else:
                    self._watch.leave_out(item)

    def _before(self, due: Sequence[Due], day: date) -> list[Due]:
        """What is not drafted ahead, and goes before it on that day: a cap leaves its room to the more important."""
        counted, drafted = self.settings.policy.counted, {one.occasion.id for one in due}
        last = max(precedence(one.occasion) for one in due) if due else ()
        return [
            one
            for one in self.agenda.on(day)[0]
            if one.occasion.category in counted and one.occasion.id not in drafted and precedence(one.occasion) < last
        ]

    def seen(self, item: Planned) -> Planned:
        """Note whom the rules leave out of a batch; who came after it was refused is refused, too."""
        return self._watch.seen(item)

    def settle(self, sums: Sums) -> Iterator[Planned | Stopped]:
        """Once all is promised: compare, gather, let go, expire. Yields what approvers and authors are to be told."""
        telling = Telling(self.agenda.on_approval(), self.settings, self.catalogue, self.clock.now())
        for batch in batches.standing(self.ledger):
            self._compare(batch, sums, telling)
        for occasion, day, rule in batches.loose(self.ledger):
            self._gather(occasion, day, rule, sums, telling)
        for batch in batches.standing(self.ledger):
            self._go_on(batch, sums, telling)
        yield from telling.planned(self.planner)

    def look(self, batch: Batch, *, mend: bool) -> tuple[Batch, Difference]:
        """The batch as it stands once it is compared with what would be drafted now; and what was different.

        Raises:
            NotigateError: its occasion is broken.
        """
        if batch.rule != APPROVAL or batch.recipe.asked:
            return batch, Difference()
        inputs = self._seals.inputs(batch)
        difference = Comparison(self.ledger, batch, self.times(), mend=mend).of(self._again(batch))
        if not mend:
            difference.changed += self._seals.of(batch).digest != batch.digest and not difference
            return batch, difference
        if difference.stopped:
            return batch, difference
        changed = self._seals.put(batch, str(difference) or "hours or channels changed")
        batches.looked(self.ledger, batch.id, inputs)
        difference.changed += changed.digest != batch.digest and not difference
        return changed, difference

    def _compare(self, batch: Batch, sums: Sums, telling: Telling) -> None:
        """Unless nothing can have changed: what is let go in this run is always looked at."""
        try:
            due = batch.state is Stage.APPROVED and isinstance(self._verdict(batch), Go)
            if not due and batch.digest and batch.inputs and batch.inputs == self._seals.inputs(batch):
                return
            new, difference = self.look(batch, mend=True)
        except NotigateError as fault:
            sums.stopped(Stopped(batch.occasion, translate(fault)))
            return
        for stopped in difference.stopped:
            sums.stopped(stopped)
        if difference and new.state is Stage.WAITING:
            sums.batch(new, "changed", str(difference))
            telling.of(new, "changed")

    def _again(self, batch: Batch) -> Iterator[Planned | Stopped]:
        due = self.agenda.again(batch.occasion, batch.day, batch.recipe)
        if not due:
            told = _("{batch} is not due on {day} any more; call it off: notigate refuse {batch}")
            yield Stopped(batch.occasion, told.format(batch=batch.name, day=batch.day))
            return
        wish = Wish(
            day=batch.day, now=_midnight(batch.day, self.clock.now()), due=due, given=batch.recipe.given,
            channel=batch.recipe.channel, again=True,
        )  # fmt: skip
        yield from self.plan(wish, batch.recipe.roster)

    def _gather(self, occasion: str, day: date, rule: str, sums: Sums, telling: Telling) -> None:
        """What is held for a person and in no batch joins the one that waits, or becomes a new one."""
        recipe = self.recipe if rule == APPROVAL else Recipe()
        try:
            terms = self._seals.terms(occasion, day)
        except NotigateError as fault:
            sums.stopped(Stopped(occasion, translate(fault)))
            return
        with self.ledger.write() as tx:
            tx.rows(ALONE)
            batch = self._open(tx, occasion, day, rule, recipe, terms)
            batches.break_seal(tx, batch)
            batches.take(tx, batch)
        sealed = self._seals.put(batch, "")
        left_out = self._watch.left_out(occasion, day)
        if left_out:
            batches.note(self.ledger, batch.id, left_out)
        batches.looked(self.ledger, batch.id, self._seals.inputs(batch))
        if sealed.state is Stage.WAITING:
            sums.batch(sealed, "drafted", "")
            telling.of(sealed, "drafted")

    def _open(  # noqa: PLR0913, PLR0917 - all that makes a batch
        self, tx: Transaction, occasion: str, day: date, rule: str, recipe: Recipe, terms: Terms
    ) -> Batch:
        there = batches.of_occasion(tx, occasion, day)
        for batch in there:
            if batch.state is Stage.WAITING and (batch.rule, batch.recipe) == (rule, recipe):
                return batch
        name = f"{occasion}@{day.isoformat()}" + (f"+{len(there) + 1}" if there else "")
        new = Batch(
            id=0, name=name, rule=rule, occasion=occasion, day=day, recipe=recipe, author=terms.author,
            state=Stage.WAITING, digest="", opens=terms.opens, closes=terms.closes, drafted_at=self.clock.now(),
        )  # fmt: skip
        return batches.open_new(tx, new)

    def _go_on(self, batch: Batch, sums: Sums, telling: Telling) -> None:
        """Let go what is approved when its hour has come; tell what is not, and when its hours are over, end it."""
        if not (n := batches.channels(self.ledger, batch.id).total()):
            return
        times = self.times()
        stale = batches.is_stale(self.ledger, batch.id, times.now)
        try:
            verdict = Drop(LATE, State.EXPIRED) if stale else self._verdict(batch)
        except NotigateError:
            return  # told when it was compared
        match batch.state, verdict:
            case Stage.APPROVED, Go() if not sums.has_stopped(batch.occasion):
                signed = batches.signed(batches.said(self.ledger, batch.id), batch.digest)
                approvals.release(self.ledger, batch, signed.who if signed else "", times)
            case _, Drop() if batch.rule == APPROVAL or stale:
                approvals.miss(self.ledger, batch, times)
                self._not_sent(batch, State.EXPIRED, n, sums, telling)
            case Stage.WAITING, _ if batch.rule == LATE or batch.recipe.asked or batch.opens <= times.now:
                self._not_sent(batch, State.HELD, n, sums, telling)

    def _not_sent(self, batch: Batch, state: State, n: int, sums: Sums, telling: Telling) -> None:
        """Its hour has come and nobody has said a word."""
        told = _("{batch}: messages {n}, nothing of it was sent").format(batch=batch.name, n=n)
        sums.unapproved = True
        if batch.name not in sums.batches:
            sums.problems.append(Problem(occasion=batch.occasion, state=state.value, reason=batch.rule, detail=told))
        telling.of(batch, "missed")

    def _verdict(self, batch: Batch) -> object:
        """Is this an hour at which what was approved may go?"""
        occasion = self.catalogue.occasion(batch.occasion)
        if occasion.late == "ask":
            occasion = replace(occasion, late="next-window")
        return at_hour(occasion, self.settings.policy, batch.day, self.clock.now(), asked=batch.recipe.asked)

    def times(self) -> Times:
        """Now, by the business clock and by the real one."""
        return Times(self.clock.now(), self.clock.real())


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time.min, now.tzinfo)
