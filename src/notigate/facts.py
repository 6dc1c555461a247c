"""Facts from other systems and clerks: milestones, payments, news, complaints; told once, under a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, tzinfo
from hashlib import blake2b
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.ledger import facts as kept
from notigate.moments import Fact

if TYPE_CHECKING:
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_LONGEST_KEY = 200


class Facts:
    """The facts of one project."""

    def __init__(self, ledger: Ledger, clock: Clock, zone: tzinfo) -> None:
        self._ledger = ledger
        self._clock = clock
        self._zone = zone

    def tell(  # noqa: PLR0913 - one an option of the command
        self,
        kind: str,
        *,
        person: str | None = None,
        building: str | None = None,
        project: str | None = None,
        everyone: bool = False,
        on: date | None = None,
        at: datetime | None = None,
        values: Mapping[str, object] | None = None,
        key: str | None = None,
        dry_run: bool = False,
    ) -> Fact:
        """Tell a fact; see `Gateway.fact`."""
        target = {"id": person, "building": building, "project": project}
        named = {column: value for column, value in target.items() if value}
        if bool(named) == everyone:
            raise UsageError("say whom it concerns: a person, a building, a project, or everyone")
        day, hour = self._time(on, at)
        fact = Fact(
            kind=_checked_kind(kind), key=key or "", target=named, day=day, at=hour, values=_checked(values or {}),
            told_at=self._clock.now(),
        )  # fmt: skip
        fact = fact if key else replace(fact, key=_own_key(fact))
        if len(fact.key) > _LONGEST_KEY:
            raise UsageError("a key has at most {most} characters", most=_LONGEST_KEY)
        return self._kept(fact, dated=bool(on or at), dry_run=dry_run)

    def _time(self, on: date | None, at: datetime | None) -> tuple[date, datetime | None]:
        hour = at if at is None or at.tzinfo else at.replace(tzinfo=self._zone)
        day = on or (hour.astimezone(self._zone).date() if hour else self._clock.now().date())
        if hour is not None and hour.astimezone(self._zone).date() != day:
            raise UsageError("the hour {at} is not on {day}", at=hour.isoformat(timespec="minutes"), day=day)
        return day, hour

    def _kept(self, fact: Fact, *, dated: bool, dry_run: bool) -> Fact:
        """What stands under its key; a fact without a day of its own agrees with that of any day."""
        standing = kept.standing(self._ledger, fact.kind, fact.key)
        if standing is None:
            standing = fact if dry_run else kept.tell(self._ledger, fact, self._zone)
        if _said(standing) != _said(fact if dated else replace(fact, day=standing.day)):
            raise UsageError(
                "{kind} {key} was told before and said something else; withdraw it first: "
                "notigate fact withdraw {kind} {key}",
                kind=fact.kind,
                key=fact.key,
            )
        return standing

    def told(self, kind: str | None = None, since: date | None = None) -> list[Fact]:
        """The facts that stand, by their days."""
        return kept.told(self._ledger, kind, since)

    def withdraw(self, kind: str, key: str, *, dry_run: bool = False) -> Fact:
        """A fact does not hold after all: what was planned for it and is not sent is called off by the next run.

        Raises:
            UsageError: there is no such fact.
        """
        fact = kept.standing(self._ledger, kind, key)
        if fact is None:
            raise UsageError("there is no fact {kind} {key}; see: notigate fact list", kind=kind, key=key)
        if not dry_run:
            kept.withdraw(self._ledger, kind, key, self._clock.now())
        return fact


def _checked_kind(kind: str) -> str:
    if _KIND.fullmatch(kind):
        return kind
    raise UsageError("{kind!r} is no kind of fact; write it like payment or complaint-answered", kind=kind)


def _checked(values: Mapping[str, object]) -> dict[str, object]:
    """Values that texts can name and the ledger can keep."""
    told = {}
    for name, value in values.items():
        if not name.isidentifier():
            raise UsageError("{name!r} is no name that a text could use; write it like amount or due_on", name=name)
        told[name] = value.isoformat() if isinstance(value, date) else value
        if not isinstance(told[name], str | int | float | bool):
            raise UsageError("{name}: a value is a text, a number, a day, true or false", name=name)
    return told


def _own_key(fact: Fact) -> str:
    """The key of a fact that nobody named: the day, and what it says; so a repeated call is the same fact."""
    said = repr((sorted(fact.target.items()), fact.at, sorted(fact.values.items())))
    return f"{fact.day.isoformat()}-{blake2b(said.encode(), digest_size=6).hexdigest()}"


def _said(fact: Fact) -> tuple[object, ...]:
    return fact.target, fact.day, fact.at, fact.values
