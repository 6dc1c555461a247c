"""A campaign under faults: its project, the runs that are made of it, and the provider's verdict on them.

The verdict never asks the ledger whether somebody got a message. What it does ask the ledger, with SQL of its own: is nothing
left in doubt, is the file sound. The provider asks it, too, whenever it is called: is the intent there, and no answer yet?
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import forks
import orders
import projects
from provider import Provider

#: the first phone number of a campaign
FIRST_PHONE = 13800000000
#: seconds after which a run hangs
HANGS = 600.0
#: runs without faults after which a campaign must have come to its end, and seconds between them
LAST_RUNS, REST = 60, 0.1

OPEN = "SELECT state, count(*) FROM delivery WHERE state NOT IN ('accepted', 'delivered', 'undelivered') GROUP BY state"
UNKNOWN = """
SELECT count(*) FROM event
 WHERE state = 'unknown' AND cause = 'the run that sent it ended without recording an answer' GROUP BY real
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a campaign came to."""

    people: int
    #: messages that the provider took
    sent: int
    #: people who got nothing, and people who got more than one message
    lost: int
    twice: int
    #: calls that reached the provider before their intent, and after their answer, was in the ledger
    unpromised: int
    foretold: int
    #: state → deliveries that are not at their end
    left: dict[str, int]
    #: unknown outcomes of each crash
    unknown: list[int]
    integrity: str
    #: did a run end in a traceback?
    broke: bool

    def __str__(self) -> str:
        most = max(self.unknown, default=0)
        return (
            f"{self.people} people, sent {self.sent}, lost {self.lost}, twice {self.twice}, without an intent {self.unpromised}, "
            f"answered before asked {self.foretold}, "
            f"unknown {sum(self.unknown)} (at most {most} a crash), left {self.left}, integrity {self.integrity}"
        )

    def faults(self, *, in_flight: int) -> list[str]:
        """What was promised and not kept, where a crash may leave `in_flight` outcomes unknown."""
        promises = {
            f"lost: {self.lost}": self.lost == 0,
            f"sent twice: {self.twice}": self.twice == 0,
            f"sent without an intent: {self.unpromised}": self.unpromised == 0,
            f"answered before asked: {self.foretold}": self.foretold == 0,
            f"not at their end: {self.left}": not self.left,
            f"unknown after one crash: {max(self.unknown, default=0)}": max(self.unknown, default=0) <= in_flight,
            f"integrity: {self.integrity}": self.integrity == "ok",
            "a traceback": not self.broke,
        }
        return [fault for fault, kept in promises.items() if not kept]


@dataclass(frozen=True, slots=True)
class Campaign:
    """N people with a birthday today, one provider."""

    folder: Path
    provider: Provider
    people: int
    #: the wrong order of writing and sending that is played, if any
    order: str = ""

    @property
    def log(self) -> Path:
        """What the runs printed."""
        return self.folder / "runs.log"

    @property
    def ledger(self) -> Path:
        """Its file."""
        return self.folder / "notigate.db"

    def start(
        self, prepare: Callable[[], None] = forks.nothing, *, tells: bool = True, patient: bool = True
    ) -> forks.Child:
        """Begin a run (if `patient`, when nothing of an earlier one is under way any more); see `forks.start`."""
        if patient:
            self.provider.quiet()

        def prepared() -> None:
            orders.WRONG.get(self.order, forks.nothing)()
            prepare()

        return forks.start(["-C", str(self.folder), "send", "--due"], self.log, prepared, tells=tells)

    def run(self, prepare: Callable[[], None] = forks.nothing, *, patient: bool = True) -> int:
        """Make one whole run; its exit code.

        Raises:
            TimeoutError: it hangs.
        """
        child = self.start(prepare, patient=patient)
        if not child.gone(HANGS):
            child.kill()
            raise TimeoutError(f"a run did not end in {HANGS} seconds")
        assert child.code is not None
        return child.code

    def finish(self) -> list[int]:
        """Make runs until one exits with 0; their exit codes."""
        codes: list[int] = []
        while len(codes) < LAST_RUNS and 0 not in codes:
            codes.append(self.run())
            if codes[-1]:
                time.sleep(REST)
        return codes

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the ledger, past our own code."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def judge(self, faults: Sequence[str]) -> None:
        """Be done with it.

        Raises:
            SystemExit: promises were broken; they are told.
        """
        if faults:
            raise SystemExit("\n".join(faults))

    def verdict(self) -> Verdict:
        """Count."""
        sent = self.provider.sent()
        got = Counter(taken.phone for taken in sent)
        everybody = {str(FIRST_PHONE + number) for number in range(self.people)}
        return Verdict(
            people=self.people,
            sent=len(sent),
            lost=len(everybody - got.keys()),
            twice=sum(count > 1 for count in got.values()),
            unpromised=self.provider.unpromised(),
            foretold=self.provider.foretold(),
            left=dict(self.ask(OPEN)),
            unknown=[count for (count,) in self.ask(UNKNOWN)],
            integrity=self.ask("PRAGMA integrity_check")[0][0],
            broke="Traceback" in self.log.read_text(encoding="utf-8"),
        )


def begun(folder: Path, provider: Provider, people: int, order: str = "", **project: Any) -> Campaign:  # noqa: ANN401 - see `projects.write`
    """A campaign that nothing has happened to."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    usual: dict[str, Any] = {"batch": 1, "concurrency": 8, "first": "200ms", "confirm": "400ms"}
    projects.write(folder, provider.port, people, day=today, **usual | project)
    one = Campaign(folder, provider, people, order)
    provider.watch(one.ledger)
    return one


def ended(codes: Sequence[int]) -> list[str]:
    """What is wrong when the last runs of a campaign exited with these codes."""
    return [] if codes[-1] == 0 else [f"did not come to its end: {list(codes)}"]


@contextmanager
def campaign(people: int, seed: int, order: str = "", *, evidence: bool = True, **project: Any) -> Iterator[Campaign]:  # noqa: ANN401 - see `projects.write`
    """A campaign in a folder of its own, which is removed in the end unless the block raises and it is wanted as evidence."""
    folder = Path(tempfile.mkdtemp(prefix="notigate-faults-"))
    keep = False
    try:
        with Provider(seed) as provider:
            forks.preload()
            try:
                yield begun(folder, provider, people, order, **project)
            except BaseException:
                if keep := evidence:
                    provider.keep(folder / "provider.json")
                    print(f"ledger, log of the runs and log of the provider are kept in {folder}")
                raise
    finally:
        if not keep:
            shutil.rmtree(folder)
