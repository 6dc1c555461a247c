"""What a contract is played on: the author's facts about a channel, its provider, and the channel itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Protocol

import pytest

from notigate.plugin import Category, Channel, ChannelSpec, Message, Outcome, Reason, Scope, Status
from notigate.testing import opening

#: read time-outs in seconds: where an answer comes, and where none will
PATIENT, HASTY = 5.0, 0.3


class Provider(Protocol):
    """The other end, as the contract directs it. It accepts until it is told otherwise."""

    @property
    def places(self) -> Mapping[str, object]:
        """What the `{fields}` of `config` stand for: `server`, or `host` and `port`."""
        ...

    @property
    def asked(self) -> int:
        """How many calls asked it to send."""
        ...

    @property
    def called(self) -> int:
        """How many calls it had at all."""
        ...

    def accept(self) -> None:
        """Accept from now on."""
        ...

    def answer(self, *answer: Any) -> None:  # noqa: ANN401 - whatever a row of `refusals` holds
        """Answer so from now on: a row of `refusals` or `splits` without its last field."""
        ...

    def keep_silent(self) -> None:
        """Read what is sent and answer nothing."""
        ...

    def drop(self) -> None:
        """Read what is sent and close the connection."""
        ...

    def leave(self) -> None:
        """Close the port: nobody can connect any more."""
        ...


def sample_message(**fields: Any) -> Message:  # noqa: ANN401 - any field of a message
    """A greeting to a group robot; `fields` replace what does not fit, and `to` is the address of a reader."""
    usual: dict[str, Any] = {
        "id": "m-2b7e151628aed2a6",
        "reference": "r-abf7158809cf4f3c",
        "occasion": "holiday/mid-autumn",
        "category": Category.CARE,
        "medium": "text",
        "to": "",
        "locale": "zh_Hans",
        "text": "王女士，中秋快乐！愿您阖家团圆。",
        "subject": "中秋快乐",
    }
    return Message(**usual | fields)


def verdict(outcome: Outcome) -> tuple[Status, Reason | None, Scope]:
    """What the core acts on."""
    return outcome.status, outcome.reason, outcome.scope


class Stage:
    """What the author of a channel sets, and the fixtures that follow from it."""

    #: the module, its name, or its file
    plugin: ClassVar[ModuleType | Path | str]
    #: which of several channels the plugin offers
    named: ClassVar[str] = ""
    #: the channel's section of notigate.yaml without the keys of the core; `{fields}` are the provider's places
    config: ClassVar[Mapping[str, Any]]
    #: what must never be seen: the secrets as they stand in `config`, and those that a preparatory answer hands out
    secrets: ClassVar[tuple[str, ...]]
    #: a message that can be sent; its address, text and parameters must never be seen either
    message: ClassVar[Message]
    #: the provider's reference in the accepted answer; None where it gives none
    provider_id: ClassVar[str | None] = None
    #: name → what the provider answers, and last the outcome that is expected (its detail does not matter)
    refusals: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    #: `send_many`: addresses of readers who join the one of `message`
    others: ClassVar[tuple[str, ...]] = ()
    #: `send_many`: name → an answer that treats the readers differently, and last their outcomes in order
    splits: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    #: `lookup`: answers that prove that the provider does not know the attempt
    absences: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    @classmethod
    def situations(cls) -> tuple[str, ...]:
        """Everything that may come of a call, by name; in the last one the provider is gone."""
        return ("accepted", *cls.refusals, "no answer", "dropped", "not connected")

    def direct(self, provider: Provider, situation: str) -> None:
        """Make the provider behave as the situation says."""
        match situation:
            case "accepted":
                provider.accept()
            case "not connected":
                provider.leave()
            case "no answer":
                provider.keep_silent()
            case "dropped":
                provider.drop()
            case refusal:
                provider.answer(*self.refusals[refusal][:-1])

    @classmethod
    def cases(cls) -> dict[str, Sequence[str]]:
        """Test argument → its values."""
        return {
            "way": ("send", "send_many") if cls.others else ("send",),
            "situation": cls.situations(),
            "refusal": tuple(cls.refusals),
            "split": tuple(cls.splits),
            "absence": tuple(cls.absences),
            "setting": tuple(cls.config),
        }

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test once for each of its cases."""
        for argument, values in self.cases().items():
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, values)

    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        """The other end; to be supplied by channels that do not speak HTTP."""
        pytest.fail("supply a fixture `provider`, as `notigate.testing.Provider` describes it")

    @pytest.fixture
    def module(self) -> ModuleType:
        """The plugin, loaded."""
        return opening.load(self.plugin)

    @pytest.fixture
    def spec(self, module: ModuleType) -> ChannelSpec:
        """The channel as the plugin offers it."""
        return opening.offered(module, self.named)

    @pytest.fixture
    def settings(self, spec: ChannelSpec, provider: Provider) -> Any:  # noqa: ANN401 - the plugin's own dataclass
        """The section as the core hands it to the plugin."""
        return opening.bound(spec, opening.filled(self.config, provider.places))

    @pytest.fixture
    def channel(self, spec: ChannelSpec, settings: object) -> Iterator[Channel]:
        """The channel, ready to send."""
        with opening.opened(spec, settings, PATIENT) as channel:
            yield channel

    @pytest.fixture
    def hasty(self, spec: ChannelSpec, settings: object) -> Iterator[Channel]:
        """The channel with a short time-out, where the answer itself does not matter or does not come."""
        with opening.opened(spec, settings, HASTY) as channel:
            yield channel

    def open(self, spec: ChannelSpec, section: Mapping[str, Any]) -> None:
        """Open the channel with these settings, and close it."""
        with opening.opened(spec, opening.bound(spec, section), HASTY):
            pass

    @property
    def batch(self) -> list[Message]:
        """The message for each reader of a batch."""
        return [self.message, *(self.message._replace(id=f"m-{to}", to=to) for to in self.others)]

    def ask(self, channel: Channel, way: str) -> Sequence[Outcome]:
        """Send by one call of `send` or of `send_many`."""
        if way == "send":
            return [channel.send(self.message)]
        outcomes = channel.send_many(self.batch)
        assert len(outcomes) == len(self.batch), "an outcome for each message"
        return outcomes
