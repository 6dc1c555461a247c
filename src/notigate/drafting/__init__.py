"""What needs an approval: drafted the workday before, compared with what would be drafted now, let go or missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from notigate import approvals
from notigate.approvals import APPROVAL, LATE, Batch, LeftOut, Stage, Word
from notigate.approvals.sealing import Terms, seal
from notigate.drafting.comparing import Comparison, Difference
from notigate.drafting.telling import Telling
from notigate.edges import login
from notigate.errors import NotApproved, NotigateError, sentence
from notigate.language import _, translate
from notigate.ledger import batches
from notigate.ledger.batches import Recipe
from notigate.ledger.changes import Times
from notigate.model import Drop, Go, Problem, State
from notigate.planner import Planned, Stopped
from notigate.planner.wish import Wish
from notigate.policy import at_hour, last_moment, opening

if TYPE_CHECKING:
    from notigate.agenda import Agenda
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger, Transaction
    from notigate.planner import Planner
    from notigate.settings import Settings
    from notigate.sums import Sums

#: plans a wish for the people of a roster file (None: the project's)
Plan: TypeAlias = "Callable[[Wish, str | None], Iterator[Planned | Stopped]]"

#: people whom a rule leaves out, that are named
NAMED = 100
#: who is at work here gathers alone
ALONE = "SELECT value FROM meta WHERE name = 'generation' {locked}"


#: whoever approves must have seen what they approve
CHANGED = sentence(
    "{batch} is no longer what was drafted ({how}). Nothing was approved; look at it again: notigate approvals {batch}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word on a batch."""

    approved: bool
    #: empty: the user of this machine
    by: str = ""
    because: str = ""
    #: the beginning of the digest of what they looked at
    digest: str = ""
    dry_run: bool = False


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
    _left_out: dict[tuple[str, date], dict[str, LeftOut]] = field(default_factory=dict)
    _refused: dict[tuple[str, date], bool] = field(default_factory=dict)

    def ahead(self) -> Iterator[Planned | Stopped]:
        """Plan what is to be drafted today for later days. Who is left out is asked again on the day itself."""
        now = self.clock.now()
        for day, due, stopped in self.agenda.ahead(now.date()):
            yield from stopped
            for item in self.plan(Wish(day=day, now=_midnight(day, now), due=due), None):
                if isinstance(item, Stopped) or not isinstance(item.verdict, Drop):
                    yield item
                else:
                    self._leave_out(item)

    def watch(self, planned: Iterable[Planned | Stopped]) -> Iterator[Planned | Stopped]:
        """Note whom the rules leave out of a batch; who came after it was refused is refused, too."""
        for item in planned:
            if isinstance(item, Planned) and item.draft.reason == APPROVAL and self._was_refused(item):
                yield _refused(item)
                continue
            if isinstance(item, Planned) and isinstance(item.verdict, Drop):
                self._leave_out(item)
            yield item

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
        inputs = self._inputs(batch)
        difference = Comparison(self.ledger, batch, self._times(), mend=mend).of(self._again(batch))
        if not mend:
            difference.changed += self._sealed(batch).digest != batch.digest and not difference
            return batch, difference
        if difference.stopped:
            return batch, difference
        changed = self._seal(batch, str(difference) or "hours or channels changed")
        batches.looked(self.ledger, batch.id, inputs)
        difference.changed += changed.digest != batch.digest and not difference
        return changed, difference

    def decide(self, name: str, decision: Decision) -> int:
        """Record a person's word on a batch; returns how many deliveries that concerned.

        Raises:
            UsageError: no such batch waits.
            NotApproved: it has changed since it was drafted, or that person may not approve it.
        """
        batch, who = approvals.find(self.ledger, name), decision.by or self._user()
        if decision.digest and not batch.digest.startswith(decision.digest):
            raise NotApproved(CHANGED, batch=batch.name, how=_("another digest"))
        if decision.approved:
            self.settings.approval.check(batch.name, batch.author, who, self._seated())
            self._insist(batch, mend=not decision.dry_run)
        if not decision.dry_run:
            approvals.decide(
                self.ledger, batch, approved=decision.approved, who=who, login=login(), because=decision.because,
                times=self._times(),
            )  # fmt: skip
        return batch.channels.total()

    def _insist(self, batch: Batch, *, mend: bool) -> None:
        """Nobody approves what would no longer be drafted."""
        _new, difference = self.look(batch, mend=mend)
        if difference.stopped:
            raise NotApproved(
                "{batch} cannot be compared with what would be drafted now: {fault}. Nothing was approved",
                batch=batch.name,
                fault=difference.stopped[0].fault,
            )
        if difference:
            raise NotApproved(CHANGED, batch=batch.name, how=difference)

    def _seated(self) -> list[str]:
        """The colleagues to whom this account belongs."""
        user = login()
        return [person.name for person in self.settings.staff if person.facts.get("login") == user]

    def _user(self) -> str:
        """Who runs the program: a colleague, where the account is known to be theirs."""
        return next(iter(self._seated()), login())

    def _compare(self, batch: Batch, sums: Sums, telling: Telling) -> None:
        """Unless nothing can have changed: what is let go in this run is always looked at."""
        try:
            due = batch.state is Stage.APPROVED and isinstance(self._verdict(batch), Go)
            if not due and batch.digest and batch.inputs and batch.inputs == self._inputs(batch):
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
            terms = self._terms(occasion, day)
        except NotigateError as fault:
            sums.stopped(Stopped(occasion, translate(fault)))
            return
        with self.ledger.write() as tx:
            tx.rows(ALONE)
            batch = self._open(tx, occasion, day, rule, recipe, terms)
            batches.break_seal(tx, batch)
            batches.take(tx, batch)
        sealed = self._seal(batch, "")
        left_out = self._left_out.get((occasion, day))
        if left_out:
            batches.note(self.ledger, batch.id, left_out)
        batches.looked(self.ledger, batch.id, self._inputs(batch))
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

    def _seal(self, batch: Batch, because: str) -> Batch:
        """Sum up what a batch holds now. What was signed before stays signed; anything else waits."""
        sealed = self._sealed(batch)
        standing = batches.named(self.ledger, batch.name) or batch
        if sealed.digest == standing.digest:
            return standing
        signed = batches.signed(batches.said(self.ledger, batch.id), sealed.digest)
        state = Stage.APPROVED if signed else Stage.WAITING
        word = Word.CHANGED if because else Word.DRAFTED
        times = self._times()
        with self.ledger.write() as tx:
            batches.seal(tx, batch, sealed, state, times.now)
            batches.say(tx, batch, word, times, who=sealed.author, login=login(), digest=sealed.digest, because=because)
        return batches.named(self.ledger, batch.name) or batch

    def _sealed(self, batch: Batch) -> batches.Seal:
        sealed = seal(batches.members(self.ledger, batch.id), self._terms(batch.occasion, batch.day))
        # Keyed: nobody who reads a digest can try out what it was made of.
        return replace(sealed, digest=self.ledger.digest("batch", sealed.digest).hex())

    def _go_on(self, batch: Batch, sums: Sums, telling: Telling) -> None:
        """Let go what is approved when its hour has come; tell what is not, and when its hours are over, end it."""
        if not (n := batches.channels(self.ledger, batch.id).total()):
            return
        try:
            verdict = self._verdict(batch)
        except NotigateError:
            return  # told when it was compared
        times = self._times()
        match batch.state, verdict:
            case Stage.APPROVED, Go() if not sums.has_stopped(batch.occasion):
                signed = batches.signed(batches.said(self.ledger, batch.id), batch.digest)
                approvals.release(self.ledger, batch, signed.who if signed else "", times)
            case _, Drop() if batch.rule == APPROVAL:
                approvals.miss(self.ledger, batch, times)
                self._not_sent(batch, State.EXPIRED, n, sums, telling)
            case Stage.WAITING, _ if batch.rule == LATE or batch.recipe.asked or batch.opens <= times.now:
                self._not_sent(batch, State.HELD, n, sums, telling)

    def _not_sent(self, batch: Batch, state: State, n: int, sums: Sums, telling: Telling) -> None:
        """Its hour has come and nobody has said a word."""
        told = _("{batch}: {n} messages, nothing of it was sent").format(batch=batch.name, n=n)
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

    def _terms(self, name: str, day: date) -> Terms:
        occasion, policy, now = self.catalogue.occasion(name), self.settings.policy, self.clock.now()
        channels = self.settings.channels
        return Terms(
            opens=opening(occasion, policy, day, now), closes=last_moment(occasion, policy, day, now),
            author=occasion.author or self._user(),
            settings={channel: found.written for channel, found in channels.items()},
            signatures=self.settings.signatures, prices=self.settings.prices,
        )  # fmt: skip

    def _inputs(self, batch: Batch) -> str:
        """What the files look like that it is drafted from; empty where they do not tell all."""
        roster = self.settings.roster
        file = batch.recipe.roster or (roster.file if roster else None)
        if file is None:
            return ""
        files = [self.settings.file, file, *self.catalogue.files(batch.occasion)]
        hashed = blake2b(digest_size=16)
        for path in sorted(map(str, files)):
            hashed.update(f"{path}\0{_look(path)}\0".encode())
        return hashed.hexdigest()

    def _leave_out(self, item: Planned) -> None:
        draft = item.draft
        rules = self._left_out.setdefault((draft.occasion, draft.day), {})
        there = rules.get(draft.reason, LeftOut(number=0, people=()))
        people = (*there.people, draft.person) if len(there.people) < NAMED else there.people
        rules[draft.reason] = LeftOut(number=there.number + 1, people=people)

    def _was_refused(self, item: Planned) -> bool:
        """Everything of that occasion and day; what is asked for by name is asked for anew."""
        key = (item.draft.occasion, item.draft.day)
        if self.recipe.named or item.draft.asked:
            return False
        if key not in self._refused:
            with self.ledger.read() as tx:
                stages = {batch.state for batch in batches.of_occasion(tx, *key)}
            self._refused[key] = stages == {Stage.REFUSED}
        return self._refused[key]

    def _times(self) -> Times:
        return Times(self.clock.now(), self.clock.real())


def _look(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size}"


def _refused(item: Planned) -> Planned:
    draft = item.draft._replace(state=State.SUPPRESSED, reason="refused", content=None, expires_at=None)
    return item._replace(draft=draft, verdict=Drop("refused"), segments=0)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time.min, now.tzinfo)
