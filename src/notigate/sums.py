"""What a run came to: counted while it runs, summed up when it ends, told by an exit code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter

from notigate.approvals import APPROVAL, RULES, Batch
from notigate.audience import BadRow, BadRows
from notigate.dispatcher import Dispatched, Step
from notigate.errors import ExitCode
from notigate.language import _, translate
from notigate.ledger.alarms import Kind
from notigate.ledger.plan import Draft
from notigate.ledger.review import Announced
from notigate.ledger.runs import Trouble
from notigate.ledger.transitions import OUT
from notigate.model import Delivery, Listed, Outcome, Problem, Reason, Run, State, Status
from notigate.planner import Planned, Stopped

#: messages that a run lists one by one
SHOWN = 20
#: the state under which a run tells what it cannot vouch for
SUSPECTED = "duplicate suspected"
#: that of an occasion that could not be planned
STOPPED = "stopped"
#: as above: days that no run had looked at; what went out and has become untrue
CAUGHT_UP, TO_CORRECT = "caught up", "to correct"
#: what a channel that was left alone is an alarm of
ASIDE: Mapping[Reason | None, Kind] = {
    Reason.BAD_CREDENTIALS: Kind.CREDENTIALS,
    Reason.NO_CREDIT: Kind.CREDIT,
}


#: where a delivery is counted in the lines
_place = attrgetter("occasion", "channel")


@dataclass(slots=True)
class Sums:
    """What a run came to, while it runs."""

    #: told after each step: how many went out, of how many that are known to go
    progress: Callable[[int, int], None] = lambda _done, _known: None
    counts: Counter[State] = field(default_factory=Counter)
    #: the same, by (occasion, channel)
    lines: defaultdict[tuple[str, str], Counter[State]] = field(default_factory=lambda: defaultdict(Counter))
    #: the first that went out
    sent: list[Listed] = field(default_factory=list)
    #: what had been asked for before
    repeated: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: occasions or channels that could not be used at all
    broken: int = 0
    #: facts that a calendar or weather source could not give
    data_missing: bool = False
    #: rows of the roster that cannot be used
    bad_rows: int = 0
    unapproved: bool = False
    #: what is due later than this is drafted ahead: that it waits is no problem yet
    today: date | None = None
    #: batches that were drafted, or have changed
    batches: set[str] = field(default_factory=set)
    #: deliveries that went out and are no longer true
    wrong: int = 0
    #: deliveries that their readers may have got twice
    suspected: int = 0
    #: what stood in the way of the whole run, or of an occasion or a channel
    troubles: list[Trouble] = field(default_factory=list)
    _done: int = 0
    #: messages whose time had come when sending began
    _to_go: int = 0
    #: occasions that lack a year of the calendar, and which
    _unknown: set[tuple[str, str]] = field(default_factory=set)

    def stopped(self, stopped: Stopped) -> None:
        """An occasion could not be planned."""
        if (stopped.occasion, stopped.year) in self._unknown:
            return
        if stopped.year:
            self._unknown.add((stopped.occasion, stopped.year))
        self.broken += 1
        self.data_missing |= stopped.data_missing
        self.problems.append(Problem(occasion=stopped.occasion, state=STOPPED, reason="setup", detail=stopped.fault))
        self.troubles.append(Trouble(Kind.STOPPED, stopped.occasion, stopped.fault))

    def stray(self, channel: str, waiting: int) -> None:
        """So many wait for a channel that the settings do not name."""
        told = _(
            "messages wait for the channel {channel} ({n}), and notigate.yaml has none of that name: put it back, and they "
            "go on. Those that have a time expire by themselves"
        ).format(channel=channel, n=waiting)
        self.broken += 1
        self.problems.append(Problem(state=STOPPED, reason="setup", detail=told))
        self.troubles.append(Trouble(Kind.STOPPED, channel, told))

    def has_stopped(self, occasion: str) -> bool:
        """Is there something that keeps this occasion from being planned?"""
        return any(problem.occasion == occasion and problem.state == STOPPED for problem in self.problems)

    def batch(self, batch: Batch, word: str, detail: str) -> None:
        """A batch was drafted, or is no longer what it was."""
        self.batches.add(batch.name)
        told = f"{batch.name}: {detail}" if detail else batch.name
        self.problems.append(Problem(occasion=batch.occasion, state=word, reason=batch.rule, detail=told))

    def caught_up(self, missed: int, last: date) -> None:
        """No run had finished for some days; they were looked at again."""
        detail = _("no run has finished since {last}; what was due in between (days: {missed}) follows late: now")
        told = detail.format(last=last, missed=missed)
        self.problems.append(Problem(state=CAUGHT_UP, reason="setup", detail=told))

    def faulty(self) -> list[Problem]:
        """The rows of the roster that cannot be used, and people whom it does not know."""
        return [one for one in self.problems if (one.state, one.reason) == (State.INVALID.value, "row")]

    def faulty_again(self, told: Sequence[Problem]) -> None:
        """They are as they were when the last run told them."""
        self.bad_rows += len(told)
        self.problems += told

    def nobody(self, target: Sequence[tuple[str, str]]) -> None:
        """A fact was told of a person, or the people of a building, whom the roster does not know."""
        self.bad_rows += 1
        whom = dict(target)
        detail = _("a fact was told of this person, and the roster has nobody with this id")
        if "id" not in whom:
            told = ", ".join(f"{column}={value}" for column, value in target)
            detail = _(
                "a fact was told of {whom}, and nobody of the roster is there; is it written as in the roster? notigate fact list"
            ).format(whom=told)
        self.problems.append(Problem(person=whom.get("id", ""), state=State.INVALID.value, reason="row", detail=detail))

    def called_off(self, deliveries: Sequence[Delivery]) -> None:
        """These waited, and do not hold any more."""
        for delivery in deliveries:
            self.counts[delivery.state] += 1
            self.line(delivery, delivery.state)
            self.problems.append(problem(delivery, delivery.id))

    def to_correct(self, told: Announced, now_on: str) -> None:
        """This one went out, and announced a day that is not true any more."""
        self.wrong += 1
        detail = _("it said {said}, and it is {now_on} now") if now_on else _("it said {said}, and that is no more")
        self.problems.append(
            Problem(
                delivery=told.delivery, occasion=told.occasion, person=told.person, state=TO_CORRECT, reason="setup",
                detail=detail.format(said=told.about, now_on=now_on),
            )
        )  # fmt: skip

    def rows(self, bad: BadRows) -> None:
        """These rows of the roster cannot be used."""
        self.bad_rows += len(bad)
        if bad.source and (changed := bad.source.changed):
            told = _("{file} was changed during this run, which used it as it was; the next run takes the changes")
            self.problems.append(Problem(state="changed", reason="setup", detail=told.format(file=changed)))
        self.problems += [
            Problem(
                person=_("row {row}").format(row=row.row), state=State.INVALID.value, reason="row", detail=_wrong(row)
            )
            for row in bad
        ]

    def planned(self, together: Sequence[tuple[int | None, Planned]]) -> None:
        """These were promised under their numbers; those that will not go yet, or never, are told with their rule."""
        queued = State.QUEUED
        told = [(id_, one.draft) for id_, one in together if one.draft.state is not queued]
        self.counts[queued] += len(together) - len(told)
        for id_, draft in told:
            self.counts[draft.state] += 1
            if draft.reason == APPROVAL and self.today is not None and draft.day > self.today:
                self.line(draft, draft.state)
            elif draft.state is not State.DUPLICATE:
                self.unapproved |= draft.state is State.HELD and draft.reason in RULES
                self.line(draft, draft.state)
                self.problems.append(problem(draft, id_))
        self.progress(self._done, self.counts[queued])

    def rehearsed(self, planned: Planned) -> None:
        """This would be promised; what would go at once is listed as if it had gone."""
        self.planned([(None, planned)])
        if planned.draft.state is State.QUEUED:
            self.line(planned.draft, State.QUEUED)
            self.list(planned.draft)

    def line(self, listed: Listed, state: State) -> None:
        """Count one message of an occasion on a channel."""
        self.lines[listed.occasion, listed.channel][state] += 1
        if state in OUT:
            self.list(listed)

    def list(self, listed: Listed) -> None:
        """Name it, if it is among the first."""
        if len(self.sent) < SHOWN:
            self.sent.append(listed)

    def begin_again(self) -> None:
        """Forget the deliveries: they will be counted as the ledger has them now."""
        self.counts.clear()
        self.lines.clear()
        self.sent.clear()
        self.problems = [p for p in self.problems if p.delivery is None or p.state == SUSPECTED]

    def begins(self, to_go: int) -> None:
        """All is promised: so many are due now, those that earlier runs promised among them."""
        self._to_go = to_go
        self.progress(self._done, to_go)

    def settled(self, step: Step) -> None:
        """These came to their end."""
        self._done += len(step)
        if step.state is State.ACCEPTED:
            for place, n in Counter(map(_place, step.whom)).items():
                self.lines[place][step.state] += n
            for delivery in step.whom[:SHOWN]:
                self.list(delivery)
        self.progress(self._done, max(self._to_go, self.counts[State.QUEUED]))

    def dispatched(self, dispatched: Dispatched) -> None:
        """These were carried."""
        handled = dispatched.counts.total()
        self.counts[State.QUEUED] = max(0, self.counts[State.QUEUED] - handled)
        self.counts += +dispatched.counts
        for delivery in dispatched.problems.values():
            self.line(delivery, delivery.state)
            self.problems.append(problem(delivery, delivery.id))
        self.left_alone(dispatched.aside)
        for delivery in dispatched.suspected:
            self.suspected += 1
            detail = "accepted after another run had taken it over"
            self.problems.append(problem(delivery, delivery.id)._replace(state=SUSPECTED, reason="late", detail=detail))

    def in_other_hands(self, n: int) -> None:
        """So many are another dispatcher's: it tells what comes of them, if it lives."""
        if n:
            detail = _(
                "another worker has messages in hand ({n}) and tells what comes of them; if it died, the first run two minutes "
                "later takes them over"
            )
            self.problems.append(Problem(state=State.CLAIMED.value, reason="setup", detail=detail.format(n=n)))

    def left_alone(self, aside: Mapping[str, Outcome]) -> None:
        """These channels were left alone, and why."""
        self.troubles += [
            Trouble(ASIDE.get(outcome.reason, Kind.PROVIDER), name, outcome.detail)
            for name, outcome in aside.items()
            if outcome.reason is not Reason.THROTTLED  # time alone puts it right
        ]
        for name, outcome in aside.items():
            # Refused as a whole, it wants its operator; not reached, it wants time.
            self.broken += outcome.status is Status.REFUSED
            reason = outcome.reason.value if outcome.reason else ""
            self.problems.append(Problem(state="set aside", reason=reason, detail=f"{name}: {outcome.detail}"))


def exit_code(sums: Sums, *, unknown: int) -> ExitCode:
    """What the process tells cron; the order is that of the manual: 4 outranks 3, 7, 2 and 1."""
    if unknown or sums.suspected:
        return ExitCode.SOME_UNKNOWN
    if sums.unapproved:
        return ExitCode.NOT_APPROVED
    if sums.data_missing:
        return ExitCode.DATA_MISSING
    if sums.broken and not sums.counts[State.ACCEPTED]:
        return ExitCode.CONFIGURATION
    failed = any(sums.counts[s] for s in (State.FAILED, State.INVALID, State.RETRY_WAIT, State.EXPIRED))
    return ExitCode.SOME_FAILED if sums.broken or sums.bad_rows or sums.wrong or failed else ExitCode.DONE


def summary(run: int | None, now: datetime, sums: Sums, code: ExitCode) -> Run:
    """The run as a value."""
    counts = {state: n for state in State if (n := sums.counts[state]) > 0}
    return Run(
        id=run, now=now, counts=counts, lines=sums.lines, sent=tuple(sums.sent), repeated=tuple(sums.repeated),
        problems=tuple(sums.problems), exit_code=code,
    )  # fmt: skip


def _wrong(row: BadRow) -> str:
    return f"{row.column}: {translate(row)}" if row.column else translate(row)


def problem(told: Delivery | Draft, id_: int | None) -> Problem:
    """What is told of one that did not go as it should."""
    return Problem(
        delivery=id_, occasion=told.occasion, person=told.person, state=told.state.value, reason=told.reason,
        detail=told.detail,
    )  # fmt: skip
