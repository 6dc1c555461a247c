"""A dispatch over a real ledger and channels that play a script."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest

from notigate.dispatcher import Dispatched, Dispatcher, Line
from notigate.edges import Clock
from notigate.ledger import open_ledger, plan, questions, runs
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.ledger.sqlite import SqliteLedger
from notigate.model import (
    Category,
    Content,
    Delivery,
    Go,
    Message,
    Outcome,
    State,
    Verdict,
)
from notigate.plugin import Channel, Limits

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
DAY = date(2026, 11, 21)
ACCEPTED = Outcome.accepted("BIZ")

Script = Callable[[Sequence[Message]], Sequence[Outcome]]


class Scripted(Channel):
    """Plays a script for each call and remembers the calls."""

    def __init__(self, script: Script, limits: Limits) -> None:
        self.limits = limits
        self.calls: list[list[Message]] = []
        self._script = script
        self._writing = threading.Lock()

    def send(self, message: Message) -> Outcome:
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        with self._writing:
            self.calls.append(list(messages))
        return self._script(messages)

    def group(self, message: Message) -> str:
        return message.occasion


def go(_: Delivery) -> Verdict:
    return Go()


@dataclass
class Stage:
    """A ledger, its channels, and a dispatch over them."""

    ledger: SqliteLedger
    run: int
    now: datetime = NOW
    started: float = field(default_factory=time.monotonic)
    channels: dict[str, Scripted] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    answers: SimpleQueue = field(default_factory=SimpleQueue)
    stop: threading.Event = field(default_factory=threading.Event)
    settled: list[Delivery] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(ZoneInfo("UTC"), real=lambda: self.now + timedelta(seconds=time.monotonic() - self.started))

    def channel(self, script: Script, name: str = "sms", **limits) -> Scripted:
        channel = self.channels[name] = Scripted(script, Limits(**limits))
        self.lines[name] = Line(name, channel, channel.limits, self.answers)
        return channel

    def promise(self, people: int | Iterable[str], **changed) -> list[int]:
        names = [f"p{n}" for n in range(people)] if isinstance(people, int) else people
        given = {
            "occasion": "service/birthday", "occurrence": "2026", "day": DAY, "category": Category.CARE,
            "channel": "sms", "medium": "sms", "locale": "zh_Hans", "content": Content(text="生日快乐"),
        }  # fmt: skip
        drafts = [Draft(**{"person": name, "to": f"to-{name}"} | given | changed) for name in names]
        return list(plan.promise(self.ledger, self.run, drafts, Times(self.now, self.now)).new)

    def dispatch(
        self, *, judge: Callable[[Delivery], Verdict] = go, patience: float = 0.0, asked_only: bool = False
    ) -> Dispatched:
        return Dispatcher(
            self.ledger, self.run, self.lines, self.answers, self.clock(), judge=lambda some: list(map(judge, some)),
            settled=self.settled.extend, stop=self.stop, patience=patience, asked_only=asked_only,
        ).dispatch()  # fmt: skip

    @staticmethod
    def always(outcome: Outcome) -> Script:
        return lambda messages: [outcome] * len(messages)

    @staticmethod
    def first(*outcomes: Outcome) -> Script:
        """These outcomes for the first calls, then all is accepted."""
        left = list(outcomes)
        return lambda messages: [left.pop(0) if left else ACCEPTED] * len(messages)

    @staticmethod
    def hanging(back: threading.Event, patience: float) -> Script:
        """Nothing is answered until `back` is set; then all is accepted."""

        def hang(messages: Sequence[Message]) -> list[Outcome]:
            back.wait(patience)
            return [ACCEPTED] * len(messages)

        return hang

    def again(self) -> None:
        """Another run: the same channels and ledger, fresh lines."""
        self.lines = {name: Line(name, c, c.limits, self.answers) for name, c in self.channels.items()}

    def states(self) -> Counter[State]:
        return Counter(d.state for d in self.deliveries())

    def deliveries(self) -> list[Delivery]:
        return list(questions.log(self.ledger))

    def sizes(self, name: str = "sms") -> list[int]:
        return [len(call) for call in self.channels[name].calls]

    def receivers(self, name: str = "sms") -> list[str]:
        return [message.to for call in self.channels[name].calls for message in call]


@pytest.fixture
def stage(tmp_path: Path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    assert isinstance(ledger, SqliteLedger)
    yield Stage(ledger, runs.start(ledger, "send", Times(NOW, NOW)))
    ledger.close()
