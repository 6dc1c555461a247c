"""What one HTTP call proves, before anybody reads the provider's own words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notigate.model import Outcome, Reason, Scope

if TYPE_CHECKING:
    from types import CodeType

    import requests


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's JSON answer: the HTTP status, the headers (lower case) and the object itself."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


def judge_http(ask: Callable[[], requests.Response]) -> Answer | Outcome:
    """Make one HTTP call and judge what can be judged without knowing the provider.

    Returns the provider's JSON object for the channel to read, or an outcome:
    `busy` only when no byte of the request can have left, or on 429 without the provider's own code;
    `refused` for the whole channel when TLS cannot be trusted; `unknown` for all else. Redirects are never followed.
    Source of the stages: which exception of requests/urllib3 proves what was measured, see `docs/architecture.md`.
    """
    import requests  # noqa: PLC0415 - 0.2 s that a channel without HTTP need not pay

    try:
        response = ask()
    except requests.exceptions.RequestException as fault:
        if isinstance(fault, requests.exceptions.SSLError) and _in_handshake(fault):
            return Outcome.refused(Reason.UNAVAILABLE, f"TLS: {_tls_fault(fault)}", scope=Scope.CHANNEL)
        if _never_left(fault):
            return Outcome.busy(Reason.UNAVAILABLE, f"not reached: {type(fault).__name__}")
        return Outcome.unknown(f"no usable answer: {type(fault).__name__}")
    return _read(response)


def _read(response: requests.Response) -> Answer | Outcome:
    status = response.status_code
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
        return Outcome.unknown(f"HTTP {status}: the endpoint redirects; set the address it leads to")
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return Answer(status, dict(response.headers.lower_items()), body)
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return Outcome.busy(Reason.THROTTLED, "HTTP 429", retry_after=_seconds(response.headers.get("Retry-After")))
    return Outcome.unknown(f"HTTP {status} without the provider's answer")


def _never_left(fault: BaseException) -> bool:
    """Is it proven that no byte of the request was written? `ConnectionError` alone proves nothing.

    `ProxyError` does not either: a proxy that hangs up instead of an answer has handed the request on by then.
    """
    import requests  # noqa: PLC0415 - as in judge_http
    import urllib3.connection  # noqa: PLC0415 - as in judge_http
    import urllib3.exceptions  # noqa: PLC0415 - as in judge_http

    if isinstance(fault, requests.exceptions.ConnectTimeout):
        return True
    if isinstance(fault, requests.exceptions.ProxyError):
        plain, secure = urllib3.connection.HTTPConnection.connect, urllib3.connection.HTTPSConnection.connect
        return _broke_in(fault, plain.__code__, secure.__code__)
    cause = fault.args[0] if fault.args else None
    proof = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError)
    return isinstance(cause, urllib3.exceptions.MaxRetryError) and isinstance(cause.reason, proof)


def _in_handshake(fault: BaseException) -> bool:
    """Did TLS fail before anything was sent through it? `SSLError` alone proves nothing: an answer may break like that."""
    import ssl  # noqa: PLC0415 - as in judge_http

    return _broke_in(fault, ssl.SSLSocket.do_handshake.__code__)


def _broke_in(fault: BaseException, *functions: CodeType) -> bool:
    """Was it raised while one of these was running?"""
    import traceback  # noqa: PLC0415 - as in judge_http

    frames = (frame for error in _origins(fault) for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_code in functions for frame in frames)


def _origins(fault: BaseException) -> Iterator[BaseException]:
    """The exceptions that requests and urllib3 wrapped into each other, from the outermost to the first."""
    yield fault
    for inner in (*fault.args, getattr(fault, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _origins(inner)


def _tls_fault(fault: BaseException) -> str:
    """The sentence of OpenSSL without addresses, such as `certificate has expired`."""
    text = str(fault)
    for sign in ("certificate verify failed: ", "SSL: "):
        if sign in text:
            return text.partition(sign)[2].split("(")[0].split("'")[0].split("]")[0].strip(" .,")
    return "the handshake failed"


def _seconds(value: str | None) -> float | None:
    """A Retry-After header in seconds; a date form is left to our own back-off."""
    return float(value) if value and value.isascii() and value.isdigit() else None
