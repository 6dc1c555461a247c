"""What notigate promises of every channel that speaks HTTP through `Tools.http`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from notigate.plugin import Channel, ChannelSpec, ConfigError, Reason, Status
from notigate.testing import opening
from notigate.testing.contracts import ChannelContract
from notigate.testing.loopback import Fault, HttpProvider, Reply, Request, as_script
from notigate.testing.opening import MARK
from notigate.testing.privacy import every_record, found
from notigate.testing.stage import Provider


def _valued(value: object) -> Callable[[bytes], bytes]:
    """The accepted answer with every value replaced."""
    return lambda body: json.dumps(dict.fromkeys(json.loads(body), value)).encode()


#: name → from the accepted answer to something that is none
NONSENSE: Mapping[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "a web page": lambda _: b"<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "half an answer": lambda body: body[: len(body) // 2],
    "a list": lambda body: b"[" + body + b"]",
    "a number": lambda _: b"0",
    "an empty object": lambda _: b"{}",
    "another service's success": lambda _: b'{"success": true, "result": "done"}',
    "null values": _valued(None),
    "lists as values": _valued([]),
    "objects as values": _valued({"value": 0}),
    "words as values": _valued("nonsense"),
    "no text": lambda _: b"\xff\xfe\xfa" * 99,
    "a deep nest": lambda _: b'{"a":' * 100_000,
    "two megabytes": lambda _: b'{"a": "' + b"a" * (2 << 20) + b'"}',
}

#: what a proxy, a gateway or a broken front answers instead of the provider
STRANGE_STATUS = ("400", "401", "403", "404", "500", "502", "503", "504")

#: keys under which providers explain themselves in prose
PROSE = frozenset({"errmsg", "message", "msg", "error", "description", "detail", "hint"})


class HttpChannelContract(ChannelContract):
    """The promises of a channel that speaks HTTP."""

    #: the answer of success: a JSON object, or a method from the `Request` to it
    accepted: Any
    #: path → answer for requests that send nothing, such as fetching a token
    preparatory: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def situations(cls) -> tuple[str, ...]:
        """Everything that may come of a call, by name."""
        return ("broken off", "HTTP 429", "HTTP 502", "redirected", "a web page", *super().situations())

    def direct(self, provider: Provider, situation: str) -> None:
        """Make the provider behave as the situation says."""
        assert isinstance(provider, HttpProvider)
        match situation:
            case "broken off":
                provider.script = lambda _request: Fault.CUT
            case "HTTP 429" | "HTTP 502":
                provider.answer("<h1>Not now</h1>", int(situation[-3:]))
            case "redirected":
                provider.answer("", 307, {"Location": f"{provider.url}/elsewhere"})
            case "a web page":
                provider.answer("<h1>Welcome</h1>")
            case _:
                super().direct(provider, situation)

    @classmethod
    def cases(cls) -> dict[str, Sequence[str]]:
        """Test argument → its values."""
        more: dict[str, Sequence[str]] = {
            "nonsense": tuple(NONSENSE),
            "status": STRANGE_STATUS,
            "redirect": ("301", "302", "303", "307", "308"),
            "preparation": tuple(cls.preparatory),
        }
        return super().cases() | more

    @pytest.fixture
    def provider(self) -> Iterator[HttpProvider]:
        """The other end, on a loopback socket."""
        with HttpProvider(as_script(self.accepted), self.preparatory) as provider:
            yield provider

    def test_a_broken_answer_is_unknown(self, provider: HttpProvider, channel: Channel, way: str) -> None:
        """It began to answer: it may have gone out."""
        provider.script = lambda _request: Fault.CUT
        assert {outcome.status for outcome in self.ask(channel, way)} == {Status.UNKNOWN}

    def test_a_stalled_answer_is_unknown(self, provider: HttpProvider, hasty: Channel, way: str) -> None:
        """It began to answer: it may have gone out."""
        provider.script = lambda _request: Fault.STALL
        assert {outcome.status for outcome in self.ask(hasty, way)} == {Status.UNKNOWN}

    def test_too_many_requests_is_busy(self, provider: HttpProvider, channel: Channel, way: str) -> None:
        """429 without the provider's code: nothing was sent, and the header says when to come back."""
        provider.answer("<h1>Too many requests</h1>", 429, {"Retry-After": "7"})
        seen = {(outcome.status, outcome.reason, outcome.retry_after) for outcome in self.ask(channel, way)}
        assert seen == {(Status.BUSY, Reason.THROTTLED, 7.0)}

    def test_a_status_without_the_provider_s_code_is_unknown(
        self, provider: HttpProvider, channel: Channel, status: str, way: str
    ) -> None:
        """Somebody on the way answered; what the provider did is not known."""
        provider.answer("<h1>Sorry</h1>", int(status))
        assert {outcome.status for outcome in self.ask(channel, way)} == {Status.UNKNOWN}

    def test_redirects_are_not_followed(self, provider: HttpProvider, channel: Channel, redirect: str) -> None:
        """A redirected request would leave a second time, to an address that nobody has set."""
        accepted = provider.script

        def redirecting(request: Request) -> Reply | Fault:
            if request.path == "/elsewhere":
                return accepted(request)
            return Reply(_body(accepted, request), int(redirect), {"Location": f"{provider.url}/elsewhere"})

        provider.script = redirecting
        assert channel.send(self.message).status is Status.UNKNOWN
        assert provider.asked == 1

    def test_nonsense_never_counts_as_sent(
        self, provider: HttpProvider, channel: Channel, nonsense: str, way: str
    ) -> None:
        """What no documentation tells may mean anything: it may have gone out, and it does no harm."""
        accepted, distort = provider.script, NONSENSE[nonsense]
        provider.script = lambda request: Reply(distort(_body(accepted, request)))
        assert {outcome.status for outcome in self.ask(channel, way)} == {Status.UNKNOWN}

    def test_a_failed_preparation_sends_nothing(self, provider: HttpProvider, hasty: Channel, preparation: str) -> None:
        """Without its token a channel asks for nothing, and what was never asked for is not unknown."""
        for trouble in (Fault.DROP, Fault.SILENCE, Reply("<h1>Sorry</h1>", 502), Reply({})):
            provider.preparatory[preparation] = as_script(trouble)
            assert hasty.send(self.message).status in (Status.BUSY, Status.REFUSED)
        assert provider.asked == 0

    def test_a_repetition_is_identical(self, provider: HttpProvider, channel: Channel) -> None:
        """A provider that drops repetitions knows them by their bytes; only the reference is new on each attempt."""
        if channel.limits.repeat_window is None:
            pytest.skip("its provider drops no repetitions")
        channel.send(self.message)
        channel.send(self.message._replace(reference="r-of-another-attempt"))
        first, second = provider.requests
        assert (first.path, first.body) == (second.path, second.body)

    def test_plain_http_is_for_loopback_only(self, spec: ChannelSpec) -> None:
        """Keys and numbers do not travel in the clear."""
        for server in ("http://provider.example.com", "http://127.0.0.1.example.com"):
            with pytest.raises(ConfigError) as fault:
                self.open(spec, opening.filled(self.config, {"server": server}))
            assert found(self.secrets, str(fault.value)) == []

    def test_speaks_through_the_session_handed_in(self, provider: HttpProvider, channel: Channel) -> None:
        """Time-outs, bounds and pools are those of `Tools.http`."""
        channel.send(self.message)
        assert all(MARK.lower() in request.headers for request in provider.preparations + provider.requests)

    def test_shows_nothing_that_the_provider_quotes(
        self, provider: HttpProvider, channel: Channel, refusal: str
    ) -> None:
        """Providers quote in their prose what they were sent: a detail is made of codes and our own words."""
        body, *answer = self.refusals[refusal][:-1]
        provider.answer(self._quoting(body), *answer)
        with every_record() as records:
            outcome = channel.send(self.message)
        assert found(self.private, repr(outcome), *records) == []

    @property
    def origins(self) -> str:
        """Where the secrets come from."""
        return f"{super().origins} {self.preparatory!r}"

    def _quoting(self, body: Any) -> Any:  # noqa: ANN401 - the body of a refusal
        if not isinstance(body, Mapping):
            return body
        quotation = " ".join(self.private)
        return {key: f"{value} {quotation}" if key.lower() in PROSE else value for key, value in body.items()}


def _body(accepted: Callable[[Request], Reply | Fault], request: Request) -> bytes:
    answer = accepted(request)
    assert isinstance(answer, Reply), "`accepted` is an answer"
    return answer.encoded()
