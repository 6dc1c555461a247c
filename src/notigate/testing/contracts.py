"""What notigate promises of every channel, as tests to inherit.

A channel's test is a subclass that says what the channel is given and what its provider answers:

    class TestMine(HttpChannelContract):
        plugin = "notigate_mine"
        config = {"endpoint": "{server}", "key": "canary-key"}
        secrets = ("canary-key",)
        message = sample_message(medium="mine", to="13800138000")
        accepted = {"code": 0, "id": "42"}
        provider_id = "42"
        refusals = {"no such number": ({"code": 7}, 200, Outcome.refused(Reason.BAD_ADDRESS))}

Set the attributes of `Stage`; a channel that does not speak HTTP supplies the fixture `provider`. The tests come along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest

from notigate.plugin import (
    Attempt,
    Category,
    Channel,
    ChannelSpec,
    ConfigError,
    Presence,
    Reason,
    Secret,
    Status,
    Wording,
)
from notigate.testing import opening
from notigate.testing.privacy import every_record, found
from notigate.testing.stage import Provider, Stage, verdict

CALLERS = 8

#: a text for reviewers
WORDING = Wording(
    occasion="holiday/mid-autumn",
    locale="zh_Hans",
    category=Category.CARE,
    title="中秋问候",
    text="${greeting}，中秋快乐！",
    example="王女士，中秋快乐！",
    kinds={"greeting": "name"},
)
#: messages that a provider may refuse by rule
STRANGE: Sequence[Mapping[str, Any]] = (
    {"text": "", "subject": ""},
    {"text": "字" * 100_000},
    {"to": "?"},
    {"params": {}},
    {"occasion": "?"},
)


class ChannelContract(Stage):
    """The promises of any channel."""

    # What came of it

    def test_accepted_is_accepted(self, channel: Channel) -> None:
        """A documented success is accepted, with the provider's reference where it gives one."""
        outcome = channel.send(self.message)
        assert (outcome.status, outcome.provider_id) == (Status.ACCEPTED, self.provider_id)

    def test_a_refusal_is_classified(self, provider: Provider, channel: Channel, refusal: str) -> None:
        """Each documented refusal names who can put it right."""
        *answer, expected = self.refusals[refusal]
        provider.answer(*answer)
        outcome = channel.send(self.message)
        assert verdict(outcome) == verdict(expected)
        assert expected.retry_after in (None, outcome.retry_after)

    def test_not_connected_is_busy(self, provider: Provider, channel: Channel, way: str) -> None:
        """Nothing was sent, and time heals."""
        provider.leave()
        outcomes = self.ask(channel, way)
        assert {(outcome.status, outcome.reason) for outcome in outcomes} == {(Status.BUSY, Reason.UNAVAILABLE)}

    def test_no_answer_is_unknown(self, provider: Provider, hasty: Channel, way: str) -> None:
        """The request was read: it may have gone out."""
        provider.keep_silent()
        assert {outcome.status for outcome in self.ask(hasty, way)} == {Status.UNKNOWN}

    def test_a_lost_connection_is_unknown(self, provider: Provider, channel: Channel, way: str) -> None:
        """The request was read: it may have gone out."""
        provider.drop()
        assert {outcome.status for outcome in self.ask(channel, way)} == {Status.UNKNOWN}

    def test_asks_once_whatever_comes(self, provider: Provider, hasty: Channel, situation: str) -> None:
        """One call of `send` is one request: the dispatcher alone tries again."""
        self.direct(provider, situation)
        hasty.send(self.message)
        assert provider.asked <= 1

    # Several at once

    def test_a_batch_is_one_call_with_an_outcome_each(self, provider: Provider, channel: Channel) -> None:
        """`send_many` asks once and answers for every message, in order."""
        self._needs_others(channel)
        assert len({channel.group(message) for message in self.batch}) == 1, "a batch shares one group"
        outcomes = self.ask(channel, "send_many")
        assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
        assert provider.asked == 1

    def test_a_split_answer_reaches_each_reader(self, provider: Provider, channel: Channel, split: str) -> None:
        """Readers whom the provider treats differently get their own outcomes."""
        *answer, expected = self.splits[split]
        provider.answer(*answer)
        assert list(map(verdict, channel.send_many(self.batch))) == list(map(verdict, expected))

    def test_threads_share_one_channel(self, provider: Provider, channel: Channel) -> None:
        """Several threads send at once: each is accepted, and each asked once."""
        gate = Barrier(CALLERS)

        def call(number: int) -> Status:
            gate.wait()
            return channel.send(self.message._replace(id=f"m-{number}", reference=f"r-{number}")).status

        with ThreadPoolExecutor(CALLERS) as threads:
            statuses = list(threads.map(call, range(CALLERS)))
        assert statuses == [Status.ACCEPTED] * CALLERS
        assert provider.asked == CALLERS

    # What is never seen

    def test_shows_no_secret_and_no_address(self, provider: Provider, hasty: Channel, situation: str) -> None:
        """Neither outcome, nor channel, nor any log record at DEBUG holds a secret, the address or the text."""
        self.direct(provider, situation)
        with every_record() as records:
            outcome = hasty.send(self.message)
        assert found(self.private, repr(outcome)) == []
        assert found(self.private, repr(hasty)) == []
        assert found(self.private, *records) == []

    def test_settings_show_no_secret(self, settings: Any) -> None:  # noqa: ANN401 - the plugin's own dataclass
        """A secret is typed `Secret`, so that it shows itself to nobody."""
        assert found(self.secrets, repr(settings), *map(str, _values(settings))) == []

    def test_every_secret_is_watched(self, settings: Any) -> None:  # noqa: ANN401 - the plugin's own dataclass
        """`secrets` lists what the settings keep secret, as it stands there: else nobody would see it leak."""
        kept = [value.reveal() for value in _values(settings) if isinstance(value, Secret)]
        assert all(any(secret in value for secret in self.secrets) for value in kept), "`secrets` lacks one of them"
        for secret in self.secrets:
            assert secret in self.origins, "one of `secrets` stands nowhere"

    def test_settings_are_frozen(self, settings: Any) -> None:  # noqa: ANN401 - the plugin's own dataclass
        """All threads of a run share them."""
        name = fields(settings)[0].name
        with pytest.raises(FrozenInstanceError):
            setattr(settings, name, getattr(settings, name))

    def test_a_faulty_setting_shows_no_secret(self, spec: ChannelSpec, provider: Provider, setting: str) -> None:
        """Settings that lack something or hold nonsense are good enough, or a `ConfigError` without secrets."""
        section = opening.filled(self.config, provider.places)
        without = {key: value for key, value in section.items() if key != setting}
        for strange in (without, section | {setting: "nonsense"}, section | {setting: [[section[setting]]]}):
            assert found(self.secrets, self._fault(spec, strange)) == []

    # How it is built

    def test_imports_only_the_door(self, module: ModuleType) -> None:
        """Of notigate a plugin knows `notigate.plugin`; everything else may change without notice."""
        assert opening.forbidden_imports(module) == []

    def test_every_hook_is_known(self, module: ModuleType) -> None:
        """A misspelt hook would silently do nothing."""
        opening.registered(module).check_pending()

    def test_the_spec_is_true(self, spec: ChannelSpec, channel: Channel) -> None:
        """What the plugin says about its channel holds."""
        assert set(type(channel).powers()) <= set(spec.made.powers())
        assert "*" in spec.media or self.message.medium in spec.media
        assert spec.summary
        assert "\n" not in spec.summary
        assert channel.address is None or self.message.to, "set `to`: this channel needs an address"

    def test_refusal_asks_nobody(self, provider: Provider, channel: Channel) -> None:
        """`refusal` is a rule of the provider's, known beforehand: it lets the message pass and has no side effect."""
        assert channel.refusal(self.message) is None
        for change in STRANGE:
            strange = self.message._replace(**change)
            outcome = channel.refusal(strange)
            assert outcome == channel.refusal(strange)
            assert outcome is None or outcome.status is Status.REFUSED
        assert provider.called == 0

    def test_close_never_raises(self, provider: Provider, channel: Channel) -> None:
        """Not before, not after, not twice, and not when the provider has gone."""
        channel.close()
        channel.send(self.message)
        provider.leave()
        channel.close()
        channel.close()

    # Optional powers

    def test_a_stranger_is_never_found(self, provider: Provider, hasty: Channel) -> None:
        """What is no documented answer about this attempt proves nothing, least of all that it may be sent again."""
        self._needs(hasty, "lookup")
        for situation in self.situations():
            self.direct(provider, situation)
            assert hasty.lookup(self._stranger()).presence is Presence.INCONCLUSIVE, situation

    def test_absent_is_absent(self, provider: Provider, channel: Channel, absence: str) -> None:
        """A full answer without the attempt says so."""
        provider.answer(*self.absences[absence])
        assert channel.lookup(self._stranger()).presence is Presence.ABSENT

    def test_a_text_is_submitted_by_one_request(self, provider: Provider, hasty: Channel, situation: str) -> None:
        """Accepted is a documented success with a code; without an answer nobody knows whether it was taken."""
        self._needs(hasty, "submit")
        self.direct(provider, situation)
        outcome = hasty.submit(WORDING)
        assert provider.asked <= 1
        assert outcome.status is not Status.ACCEPTED or outcome.provider_id
        if situation in {"no answer", "dropped"}:
            assert outcome.status is Status.UNKNOWN
        assert found(self.secrets, repr(outcome)) == []

    def test_check_shows_no_secret(self, provider: Provider, hasty: Channel) -> None:
        """`doctor` prints what was seen, whatever that is; asking sends nothing."""
        self._needs(hasty, "check")
        for situation in self.situations():
            self.direct(provider, situation)
            with every_record() as records:
                checks = hasty.check()
            assert found(self.secrets, repr(checks), *records) == [], situation

    @property
    def origins(self) -> str:
        """Where the secrets come from."""
        return repr(self.config)

    @property
    def private(self) -> tuple[str, ...]:
        """Everything that must not be seen."""
        return (*self.secrets, *self.others, self.message.to, self.message.text, *self.message.params.values())

    def _stranger(self) -> Attempt:
        return Attempt(reference="r-never-handed-out", to=self.message.to, started_at=datetime.now(UTC))

    def _fault(self, spec: ChannelSpec, section: Mapping[str, Any]) -> str:
        try:
            self.open(spec, section)
        except ConfigError as fault:
            return f"{fault} {fault!r}"
        return ""

    def _needs(self, channel: Channel, power: str) -> None:
        if power not in type(channel).powers():
            pytest.skip(f"it has no {power}")

    def _needs_others(self, channel: Channel) -> None:
        self._needs(channel, "send_many")
        assert self.others or channel.limits.batch == 1, (
            "set `others`: this channel can send to several readers at once"
        )
        if not self.others:
            pytest.skip("it sends one message a call")


def _values(settings: Any) -> list[object]:  # noqa: ANN401 - the plugin's own dataclass
    return [getattr(settings, field.name) for field in fields(settings)]
