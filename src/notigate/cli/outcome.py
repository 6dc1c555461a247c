"""What a run came to: who was sent what, who was not and why, and what to do next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from notigate.address import mask
from notigate.approvals import RULES
from notigate.cli import tables
from notigate.errors import ExitCode
from notigate.language import _
from notigate.model import Run, State
from notigate.words import named, state, why

if TYPE_CHECKING:
    from notigate.cli.project import Project

#: problems that are shown one by one; and of all of them, those that are written together for programs
SHOWN, TOGETHER = 20, 500

#: columns of the summary → the states in them
GROUPS: Mapping[str, frozenset[State]] = {
    _("sent"): frozenset({State.ACCEPTED, State.DELIVERED, State.UNDELIVERED}),
    _("waiting"): frozenset({State.QUEUED, State.CLAIMED, State.SENDING, State.HELD, State.RETRY_WAIT}),
    _("not sent"): frozenset({State.SUPPRESSED, State.DUPLICATE, State.EXPIRED, State.CANCELLED}),
    _("failed"): frozenset({State.FAILED, State.INVALID}),
    _("unknown"): frozenset({State.UNKNOWN}),
}
#: the same in a rehearsal
REHEARSED: Mapping[str, frozenset[State]] = {
    _("would go"): frozenset({State.QUEUED}),
    _("would wait"): frozenset({State.HELD}),
    _("not sent"): GROUPS[_("not sent")],
    _("cannot go"): frozenset({State.INVALID}),
}


def show_run(run: Run, project: Project, *, as_json: bool) -> None:
    """Print a run: the results on standard output, what to do next on standard error."""
    if as_json:
        _show_json(run)
        return
    if not (run.counts or run.problems):
        project.say(_("Nothing is due."))
        return
    click.echo(_heading(run))
    _show_lines(run)
    _show_sent(run)
    _show_problems(run)
    advice = list(_advice(run))
    if advice:
        project.say("\n" + _("What to do next:"))
    for line in advice:
        project.say(f"  {line}")


def _show_json(run: Run) -> None:
    """The object of `send --json`, piece by piece: of a large roster everybody may wait for their hour."""
    head: dict[str, object] = {
        "run": run.id,
        "now": run.now.isoformat(timespec="seconds"),
        "counts": {name.value: n for name, n in run.counts.items()},
        "problems": [],
    }
    click.echo(json.dumps(head, ensure_ascii=False).removesuffix("]}"), nl=False)
    for first in range(0, len(run.problems), TOGETHER):
        some = run.problems[first : first + TOGETHER]
        told = [problem._asdict() for problem in some]
        click.echo((", " if first else "") + json.dumps(told, ensure_ascii=False)[1:-1], nl=False)
    click.echo("]}")


def _heading(run: Run) -> str:
    if not run.counts:
        return _("Nothing was sent.")
    now = f"{run.now:%Y-%m-%d %H:%M}"
    if run.id is None:
        return _("Rehearsal for {now}: nothing was sent.").format(now=now)
    return _("Run {run}, {now}").format(run=run.id, now=now)


def _show_lines(run: Run) -> None:
    groups = REHEARSED if run.id is None else GROUPS
    rows = [
        (occasion, channel or "-", *(sum(states.get(state, 0) for state in group) for group in groups.values()))
        for (occasion, channel), states in sorted(run.lines.items())
    ]
    if not rows:
        return
    used = [0, 1, *(column for column in range(2, len(groups) + 2) if any(row[column] for row in rows))]
    headings = [_("occasion"), _("channel"), *groups]
    click.echo()
    tables.show(
        [headings[column] for column in used],
        [[row[column] for column in used] for row in rows],
        numbers=range(2, len(used)),
    )


def _show_sent(run: Run) -> None:
    if not run.sent:
        return
    click.echo("\n" + (_("Would go to:") if run.id is None else _("Sent to:")))
    tables.show(
        [_("person"), _("address"), _("occasion"), _("channel")],
        sorted([listed.person, mask(listed.to), listed.occasion, listed.channel] for listed in run.sent),
    )
    rest = sum(run.counts.get(state, 0) for state in next(iter((REHEARSED if run.id is None else GROUPS).values())))
    rest -= len(run.sent)
    if rest > 0:
        click.echo(_more(run, rest))


def _show_problems(run: Run) -> None:
    if not run.problems:
        return
    click.echo("\n" + _("Not sent, and why:"))
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for problem in run.problems:
        key = (problem.state, problem.occasion, problem.reason, problem.detail)
        merged.setdefault(key, []).append(problem.person)
    rows = [(len(who), state(s), occasion, named(who), why(r, d)) for (s, occasion, r, d), who in merged.items()]
    if tables.on_terminal():
        tables.show_notes((_headline(*row[:4]), row[4]) for row in rows[:SHOWN])
    else:
        tables.show([_("number"), _("state"), _("occasion"), _("person"), _("why")], rows[:SHOWN])
    rest = sum(n for n, *_others in rows[SHOWN:])
    if rest:
        click.echo(_more(run, rest))


def _headline(n: int, state_: str, occasion: str, who: str) -> str:
    return "  ".join(told for told in (f"{n:>4}", state_, occasion, who) if told)


def _more(run: Run, rest: int) -> str:
    if run.id is None:
        return _("… and {n} more").format(n=rest)
    return _("… and {n} more: notigate log --run {run}").format(n=rest, run=run.id)


def _advice(run: Run) -> Iterator[str]:
    """What a person can do about it; one line each."""
    if run.id is None:
        return
    reasons = Counter((problem.state, problem.reason) for problem in run.problems)
    if n := sum(reasons[State.HELD, rule] for rule in RULES):
        yield _("waiting for approval: {n}; see notigate approvals").format(n=n)
    if n := reasons[State.HELD, "window"] + reasons[State.HELD, "hour"]:
        yield _("waiting for their hours: {n}; notigate send --due sends them then").format(n=n)
    if n := run.counts.get(State.UNKNOWN, 0):
        yield _("may or may not have gone out: {n}; see notigate resolve").format(n=n)
    elif run.exit_code == ExitCode.SOME_UNKNOWN:
        yield _("of messages of earlier runs nobody knows whether they went out; see notigate resolve")
    if n := run.counts.get(State.QUEUED, 0) + run.counts.get(State.RETRY_WAIT, 0):
        yield _("still to be sent: {n}; notigate send --due goes on with them").format(n=n)
    for delivery in run.repeated:
        yield _("asked for before, nothing new was sent: delivery {delivery}; another --key sends it again").format(
            delivery=delivery
        )
    yield from _to_mend(run)


def _to_mend(run: Run) -> Iterator[str]:
    """What is wrong, and stays so until somebody sees to it."""
    if n := sum(problem.state == "to correct" for problem in run.problems):
        yield _("said something that is not true any more: {n}; tell their readers, see notigate corrections").format(
            n=n
        )
    if n := run.counts.get(State.INVALID, 0):
        yield _("cannot be sent as they are: {n}; mend the roster or the text").format(n=n)
    if n := sum(problem.reason == "row" for problem in run.problems):
        yield _("rows of the roster that cannot be used: {n}; see notigate roster check").format(n=n)
    if any(problem.state in ("stopped", "set aside") for problem in run.problems):
        yield _("something stops an occasion or a channel: notigate doctor")
