"""A run that finds everything as the last one of the day left it plans nothing: nothing new could come of it.

What a plan is made of is summed up in one digest: the roster and all files byte by byte, the day, the calendar, what other
systems told, consents, the weather, the program itself. Whatever cannot be summed up so, or may heal by time alone, is
planned again every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.documents.references import looked_up
from notigate.errors import NotigateError
from notigate.language import spoken
from notigate.ledger import remembered
from notigate.model import Problem
from notigate.planner import Planned, Stopped
from notigate.policy import ONLY
from notigate.sending import is_early
from notigate.settings.codes import NAME as CODES
from notigate.sums import STOPPED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from notigate.catalogue import Catalogue
    from notigate.forecasts import Forecasts
    from notigate.ledger.plan import Draft
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup
    from notigate.plugins import Plugins
    from notigate.settings import Settings

#: problems that are told again; a roster with more faults is to be mended first
MOST = 1_000
#: bytes of a file that are read at once
_PIECE = 1 << 20


@dataclass(slots=True, kw_only=True)
class Remembering:
    """What one run of the day remembers of the one before, and leaves to the next."""

    ledger: Ledger
    settings: Settings
    catalogue: Catalogue
    plugins: Plugins
    lineup: Lineup
    forecasts: Forecasts
    #: workdays that plugins tell
    offered: Mapping[date, bool]
    #: local time
    now: datetime
    _digest: bytes | None = None
    _after: int = 0
    _stopped: list[Stopped] = field(default_factory=list)
    _rows: Sequence[Problem] = ()
    _waits: list[datetime] = field(default_factory=list)
    _unsure: bool = False

    def recall(self) -> tuple[Problem, ...] | None:
        """What the last run of today told, if this one can find nothing new; None where it must look."""
        # Before anything is planned: what changes from now on is another digest.
        self._after, self._digest = remembered.latest(self.ledger), self._sum()
        return None if self._digest is None else remembered.recall(self.ledger, self._digest, self.now)

    def note(self, item: Planned | Stopped) -> None:
        """Note what of a plan is told again, waits for its hour, or may be otherwise in the next run."""
        if isinstance(item, Stopped):
            self._stopped.append(item)
            self._unsure |= not item.lasting
        elif item.draft.reason:
            self._note(item.draft)

    def doubt(self) -> None:
        """Something that is no part of the plan kept a message from being promised: the next run looks again."""
        self._unsure = True

    def note_rows(self, told: Sequence[Problem]) -> None:
        """These rows of the roster cannot be used, and facts name people whom it does not know."""
        self._rows = told

    def keep(self, run: int, waits: Iterable[datetime], *, looked_back: bool) -> None:
        """All is promised: remember it, if the next run would find the same; `waits` are hours that bring more.

        One that looked back upon earlier days may have told what concerns those alone.
        """
        told = (*(_problem(one) for one in self._stopped), *self._rows)
        if self._digest is None or self._unsure or len(told) > MOST or (looked_back and told):
            return
        until = min((*waits, *self._waits), default=None)
        plan = remembered.Plan(digest=self._digest, day=self.now.date(), until=until, told=told)
        remembered.remember(self.ledger, plan, run, self._after)

    def _note(self, draft: Draft) -> None:
        """What a rule holds up, or leaves out."""
        if draft.reason == ONLY:
            self._unsure = True
        elif is_early(draft):
            self._wait(draft.next_at)

    def _wait(self, until: datetime | None) -> None:
        if until is None:
            self._unsure = True
        else:
            self._waits.append(until)

    def _sum(self) -> bytes | None:
        """Of all that a plan is made of; None where a part of it cannot be looked at without reading it all."""
        roster = self.settings.roster
        if roster is None or roster.file is None:
            return None
        hashed = blake2b(digest_size=32)
        for name, part in self._parts(roster.file):
            hashed.update(f"\x1e{name}\x1f".encode())
            hashed.update(part)
        return self.ledger.digest("plan", hashed.hexdigest())

    def _parts(self, roster: Path) -> Iterator[tuple[str, bytes]]:
        yield from ((str(name), repr(value).encode()) for name, value in self._facts())
        for file in (self.settings.file, self.settings.folder / CODES, roster, *self._plugin_files()):
            yield str(file), _content(file)
        yield from looked_up(self.settings.file)
        for name in self.settings.occasions:
            try:
                yield from ((str(file), _content(file)) for file in self.catalogue.files(name))
            except NotigateError as fault:
                yield name, str(fault).encode()

    def _facts(self) -> Iterator[tuple[str, object]]:
        yield "day", self.now.date()
        yield "language", spoken()
        yield "program", [(one.name, one.source, one.status) for one in self.plugins.all]
        yield "workdays", (self.settings.workdays, self.settings.notices, sorted(self.offered.items()))
        yield "channels", sorted(self.lineup.broken().items())
        yield "ledger", remembered.marks(self.ledger)
        yield "weather", list(self.forecasts.outlook(self.catalogue, self.now.date()))

    def _plugin_files(self) -> Iterator[Path]:
        return (self.settings.folder / name for name in self.settings.plugins if name.endswith(".py"))


def _problem(stopped: Stopped) -> Problem:
    return Problem(occasion=stopped.occasion, state=STOPPED, reason="setup", detail=stopped.fault)


def _content(file: Path) -> bytes:
    """A digest of what stands in it."""
    hashed = blake2b(digest_size=32)
    try:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                hashed.update(piece)
    except OSError as fault:
        return str(fault.errno).encode()
    return hashed.digest()
