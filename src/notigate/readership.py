"""Whom a project writes to: the people of its roster, and readers who are known by an address alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from notigate import address, audience
from notigate.errors import EmptyRoster, UsageError
from notigate.model import Person

if TYPE_CHECKING:
    from notigate.audience import BadRows, Hook, People
    from notigate.audience.checkup import Checkup
    from notigate.audience.people import Wanted
    from notigate.ledger.store import Ledger
    from notigate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Readership:
    """The people of one project. The roster is read anew each time it is asked for, but within one run."""

    settings: Settings
    #: plugins that read rosters of other kinds
    hook: Hook
    #: within one run: the rosters that were read, by their file (None: the project's)
    kept: dict[Path | None, People] | None = None

    def for_one_run(self) -> Readership:
        """The same, which reads a roster once, and again only when its file has changed."""
        return replace(self, kept={})

    def read(self, file: Path | None = None) -> People:
        """The project's roster, or `file` in its place: people and bad rows, as they are read.

        Raises:
            AudienceError: it cannot be read as a whole.
        """
        if self.kept is None:
            return audience.read(self.settings, file, self.hook)
        found = self.kept.get(file)
        if found is None or found.changed:
            found = self.kept[file] = audience.read(self.settings, file, self.hook)
        return found

    def people(self, file: Path | None = None) -> Iterator[Person]:
        """The people of it; rows that cannot be used are left out."""
        return usable(self.read(file))

    def with_columns(self, file: Path | None = None) -> tuple[Iterator[Person], frozenset[str]]:
        """As `people`, and which columns the roster has."""
        found = self.read(file)
        return usable(found), found.columns

    def member(self, identity: str) -> tuple[Person, frozenset[str]]:
        """Somebody of the roster, by an id or an address, and which columns it has.

        Raises:
            UsageError: there is nobody of that name, or several; or the row cannot be used.
            AudienceError: the roster cannot be read.
        """
        people, columns = self.with_columns()
        by_address = list[Person]()
        known = address.recognise(identity)
        for person in people:
            if person.id == identity:
                return person, columns
            if not isinstance(known, address.Fault) and person.addresses.get(known[0]) == known[1]:
                by_address.append(person)
        if len(by_address) == 1:
            return by_address[0], columns
        shown = address.mask_text(identity)
        if by_address:
            ids = ", ".join(person.id for person in by_address)
            raise UsageError("{who} is an address of several people: {ids}; name one of them", who=shown, ids=ids)
        self._refuse_faulty(identity)
        raise UsageError("there is nobody with the id {id!r} in the roster", id=shown)

    def _refuse_faulty(self, identity: str) -> None:
        """Tell of a row that would be this person's, if it could be used."""
        if self.settings.roster is None:
            return
        checkup = self.check(None, None, None, (), lambda _rows: None)
        for row, cells in checkup.spool.rows():
            facts, faults = checkup.reader.facts(row, cells)
            if faults and str(facts.get("id") or "") == identity:
                raise UsageError(
                    "row {row} of the roster is {id!r}, and cannot be used: notigate roster check", row=row, id=identity
                )

    def reader(
        self, to: str, given: Mapping[str, str], roster: Path | None, ledger: Ledger
    ) -> tuple[Person, frozenset[str]]:
        """The reader behind an address: a person of the roster with its columns, or somebody who is known only by it.

        Args:
            to: a phone number, mail address or WeCom id.
            given: facts about somebody who is not known.
            roster: a file instead of the project's.
            ledger: makes an id for somebody who is not known, always the same.

        Raises:
            UsageError: it is no address.
        """
        recognised = address.recognise(to)
        if isinstance(recognised, address.Fault):
            raise UsageError(
                "--to {to}: no mobile number, mail address or WeCom id; write it as 13800138000, +85261234567 or "
                "name@example.com",
                to=address.mask(to),
            )
        kind, found = recognised
        with suppress(EmptyRoster):
            people, columns = self.with_columns(roster)
            for person in people:
                if person.addresses.get(kind) == found:
                    return person, columns
        return audience.stranger(ledger.stranger(kind, found), kind, found, given), frozenset()

    def check(
        self,
        file: Path | None,
        sheet: str | None,
        encoding: str | None,
        kinds: tuple[str, ...],
        progress: Callable[[int], None],
    ) -> Checkup:
        """What is in the roster, or in `file`, and what is wrong with it, for channels that write to these `kinds`.

        Raises:
            AudienceError: it cannot be read as a whole.
            UsageError: the project has no roster.
        """
        roster = audience.of(self.settings, file)
        if roster is None:
            raise UsageError("the project has no roster; name a file")
        roster = replace(roster, sheet=sheet or roster.sheet, encoding=encoding or roster.encoding)
        return audience.checked(
            roster,
            self.settings.folder,
            self.hook,
            zone=self.settings.timezone,
            kinds=kinds or audience.EVERY_WAY,
            progress=progress,
        )


def usable(found: People, bad: BadRows | None = None, wanted: Wanted = lambda _facts: True) -> Iterator[Person]:
    """People, one by one, those who are wanted; rows that cannot be used are put aside in `bad`."""
    if bad is not None:
        bad.source = found
    for item in found.among(wanted):
        if isinstance(item, Person):
            yield item
        elif bad is not None:
            bad.append(item)
