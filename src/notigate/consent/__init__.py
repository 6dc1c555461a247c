"""Who does not want to hear from us, or less, or gladly: recorded with its source, found by the planner and the dispatcher."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.consent.files import read
from notigate.errors import UsageError
from notigate.ledger import preferences
from notigate.ledger.store import to_ms
from notigate.preferences import MEDIA, Preference, Reach, Recorded, Statement, Who, Word, as_way, identify

if TYPE_CHECKING:
    from notigate.audience import BadRow
    from notigate.ledger.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file."""

    #: statements in it
    rows: int
    #: of those, how many the ledger did not know yet
    new: int
    #: rows that cannot be used; the others are recorded
    bad: tuple[BadRow, ...]


class Consent:
    """The register of one project: opt-outs, preferences for less, and consents."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime], channels: Collection[str] = ()) -> None:
        self._ledger = ledger
        self._now = now
        self._channels = channels

    def add(  # noqa: PLR0913 - all that is recorded of it
        self,
        person: str,
        word: Word = Word.OPT_OUT,
        *,
        reach: Reach = Reach.ALL,
        channel: str = "",
        source: str = "",
        proof: str = "",
        said: datetime | None = None,
        by: str = "",
        dry_run: bool = False,
    ) -> bool:
        """Record what somebody said; False when it stands already.

        Args:
            person: a person's id, phone number or mail address (`notigate.preferences.identify`).
            word: what they said.
            reach: which messages they meant.
            channel: of this channel or medium only; empty means all.
            source: where it comes from, such as `phone call`.
            proof: what shows it, such as a letter's number.
            said: when; now when None.
            by: who records it.
            dry_run: only tell whether it would be new.

        Raises:
            UsageError: there is no such channel, so that it would stop nothing.
        """
        way = as_way(channel, self._channels)
        if way is None:
            known = ", ".join(dict.fromkeys((*self._channels, *MEDIA)))
            raise UsageError("there is no channel or medium {name!r}; there are: {known}", name=channel, known=known)
        preference = Preference(word=word, reach=reach, channel=way)
        statement = Statement(
            who=_known(person), preference=preference, source=source, proof=proof, said=said or self._now()
        )
        return self.record([statement], by, dry_run=dry_run) > 0

    def remove(  # noqa: PLR0913 - all by which it is found
        self,
        person: str,
        word: Word = Word.OPT_OUT,
        *,
        reach: Reach | None = None,
        channel: str | None = None,
        by: str = "",
        dry_run: bool = False,
    ) -> list[Recorded]:
        """Take back what somebody said; returns what stood until now. With `reach` or `channel`, only what was said of these.

        Raises:
            UsageError: nothing of the kind stands.
        """
        ways = (None, channel, None if channel is None else as_way(channel, self._channels))
        standing = [
            one
            for one in preferences.of(self._ledger, _known(person))
            if one.taken_back is None
            and one.word is word
            and reach in (None, one.reach)
            and (channel is None or one.channel in ways)
        ]
        if not standing:
            raise UsageError("nothing like that is recorded of {who}", who=_known(person).shown)
        if not dry_run:
            preferences.take_back(self._ledger, [one.number for one in standing], by, to_ms(self._now()))
        return standing

    def listed(self, word: Word | None = None, *, past: bool = False) -> Iterator[Recorded]:
        """What stands, oldest first; with `past`, also what was taken back."""
        return (one for one in preferences.listed(self._ledger, past=past) if word in (None, one.word))

    def import_file(self, file: Path, word: Word, *, source: str = "", by: str = "", dry_run: bool = False) -> Imported:
        """Record what a CSV file tells; a row that cannot be used is named and stops no other.

        Raises:
            AudienceError: the file as a whole cannot be read; nothing was recorded.
        """
        statements, bad = read(file, word, source or file.name, self._now(), self._channels)
        return Imported(rows=len(statements), new=self.record(statements, by, dry_run=dry_run), bad=tuple(bad))

    def record(self, statements: Sequence[Statement], by: str = "", *, dry_run: bool = False) -> int:
        """Record statements, all or nothing; returns how many are new."""
        if dry_run:
            return preferences.unknown(self._ledger, statements)
        return preferences.record(self._ledger, statements, by)


def _known(person: str) -> Who:
    who = identify(person)
    if not who.value:
        raise UsageError("name a person's id, a phone number or a mail address")
    return who
