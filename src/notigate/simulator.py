"""A provider that reaches nobody and answers by a script, so that a whole campaign can be rehearsed with its failures.

Every `answer` happens to a stated share of the messages, chosen by a digest of occasion and address: the same script and seed
treat the same people alike. What the provider "knows" stands in `simulator.db` in its folder, as it would stand at a real one:
it can be asked about lost replies, and it hands out carriers' words.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from notigate.plugin import Attempt, Channel, Finding, Limits, Message, Outcome, Reason, Receipt, Tools

#: 0 … 1: part of the messages
Share = float

_TABLES = """
CREATE TABLE IF NOT EXISTS asked (
    message TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (
    reference TEXT NOT NULL,
    address   TEXT NOT NULL,
    message   TEXT NOT NULL,
    at        REAL NOT NULL,
    arrived   INTEGER NOT NULL,
    PRIMARY KEY (reference, message)
) WITHOUT ROWID;
"""
#: what happens to a message once; the next time it is taken
_ONCE = frozenset({"busy", "lose-request"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that goes otherwise than well."""

    #: of all messages, 0 to 1
    share: Share
    #: `refuse`: refused with `reason`; `busy`: asked to come again, and then taken; `lose-reply`: taken, but the reply gets
    #: lost; `lose-request`: the request gets lost, and the next one is taken
    answer: Literal["refuse", "busy", "lose-reply", "lose-request"]
    #: of a refusal
    reason: Reason = Reason.BAD_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """How the rehearsal goes."""

    #: holds `simulator.db`; relative to the project's folder
    folder: Path = Path("simulator")
    #: what goes wrong; all other messages are accepted
    script: tuple[Act, ...] = ()
    #: how long a call takes
    delay: timedelta = timedelta(0)
    #: of what was accepted, how much does not arrive: 0 to 1
    undelivered: Share = 0.0
    #: how long the carrier takes to say so
    receipt_after: timedelta = timedelta(0)
    #: another seed chooses others
    seed: str = "1"

    def __post_init__(self) -> None:
        shares = [self.undelivered, *(act.share for act in self.script)]
        if any(not 0 <= share <= 1 for share in shares) or sum(act.share for act in self.script) > 1:
            raise ValueError("a share lies between 0 and 1, and those of the script add up to 1 at most")


class Simulator(Channel):
    """Answers like a provider."""

    limits = Limits(batch=100, concurrency=8)

    def __init__(self, settings: SimulatorSettings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def send(self, message: Message) -> Outcome:
        """Ask for one message."""
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Take what the script lets through, and answer."""
        time.sleep(self._settings.delay.total_seconds())
        with self._provider() as database:
            answers = {message.id: self._answer(message, again=_was_asked(database, message)) for message in messages}
            database.executemany(
                "INSERT OR IGNORE INTO taken VALUES (?, ?, ?, ?, ?)",
                [self._row(m) for m in messages if _is_taken(answers[m.id])],
            )
        return [self._outcome(message, answers[message.id]) for message in messages]

    def lookup(self, attempt: Attempt) -> Finding:
        """What the provider has under this reference and address."""
        with self._provider() as database:
            row = database.execute(
                "SELECT at, arrived FROM taken WHERE reference = ? AND address = ?", (attempt.reference, attempt.to)
            ).fetchone()
        if row is None:
            return Finding.absent()
        arrived = bool(row[1]) if row[0] <= self._told_until() else None
        return Finding.found(attempt.reference, arrived=arrived, detail=_word(arrived))

    def receipts(self, since: datetime) -> Iterable[Receipt]:
        """What carriers have said since."""
        after = since.timestamp() - self._settings.receipt_after.total_seconds()
        with self._provider() as database:
            rows = database.execute(
                "SELECT reference, address, arrived FROM taken WHERE at BETWEEN ? AND ? ORDER BY at",
                (after, self._told_until()),
            ).fetchall()
        for reference, address, arrived in rows:
            yield Receipt(reference=reference, to=address, arrived=bool(arrived), detail=_word(bool(arrived)))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _answer(self, message: Message, *, again: bool) -> Act | None:
        """The act of the script that this message falls into."""
        left = self._chance("answer", message)
        for act in self._settings.script:
            left -= act.share
            if left < 0:
                return None if again and act.answer in _ONCE else act
        return None

    def _chance(self, what: str, message: Message) -> float:
        """0 to 1, always the same for the same seed, occasion and address."""
        said = f"{self._settings.seed}\x1f{what}\x1f{message.occasion}\x1f{message.to}"
        digest = blake2b(said.encode(errors="surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def _row(self, message: Message) -> tuple[str, str, str, float, bool]:
        arrived = self._chance("arrives", message) >= self._settings.undelivered
        return message.reference, message.to, message.id, self._tools.now().timestamp(), arrived

    def _told_until(self) -> float:
        return self._tools.now().timestamp() - self._settings.receipt_after.total_seconds()

    @staticmethod
    def _outcome(message: Message, act: Act | None) -> Outcome:
        match act.answer if act else "accept":
            case "refuse":
                return Outcome.refused(act.reason if act else Reason.UNCLEAR, "simulated")
            case "busy":
                return Outcome.busy(Reason.THROTTLED, "simulated", retry_after=1)
            case "lose-reply" | "lose-request":
                return Outcome.unknown("simulated: no reply")
        return Outcome.accepted(message.reference)

    @contextmanager
    def _provider(self) -> Iterator[sqlite3.Connection]:
        """What the provider knows, one transaction at a time; committed before anybody gets an answer."""
        with self._lock:
            if self._database is None:
                self._settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                file = self._settings.folder / "simulator.db"
                file.touch(mode=0o600)
                self._database = sqlite3.connect(file, check_same_thread=False)
                self._database.executescript(_TABLES)
            with self._database as database:
                yield database


def counts(folder: Path) -> Mapping[str, int]:
    """What the simulated provider took: `messages` in all, those that `arrived`, and `twice`, which must be 0."""
    with sqlite3.connect(f"{(folder / 'simulator.db').absolute().as_uri()}?mode=ro", uri=True) as database:
        messages, arrived, different = database.execute(
            "SELECT count(*), coalesce(sum(arrived), 0), count(DISTINCT message) FROM taken"
        ).fetchone()
    return {"messages": messages, "arrived": arrived, "twice": messages - different}


def _was_asked(database: sqlite3.Connection, message: Message) -> bool:
    return database.execute("INSERT OR IGNORE INTO asked VALUES (?)", (message.id,)).rowcount == 0


def _is_taken(act: Act | None) -> bool:
    return act is None or act.answer == "lose-reply"


def _word(arrived: bool | None) -> str:  # noqa: FBT001 - as in Finding
    return {True: "DELIVERED", False: "NOT DELIVERED", None: ""}[arrived]
