"""A provider on a loopback socket that answers, hesitates and breaks off as it is told."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit

#: seconds after which a held connection is let go, whatever the caller does
HELD = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the channel sent."""

    method: str
    path: str
    #: the parameters of the address; of a repeated one the last
    query: Mapping[str, str]
    #: names in lower case
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> Mapping[str, str]:
        """The body as form fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the channel sent
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answers: text and bytes go as they are, everything else as JSON."""

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)).encode()


class Fault(Enum):
    """What can happen once the request has been read."""

    #: no answer, and the connection stays open
    SILENCE = "no answer"
    #: the connection is closed without an answer
    DROP = "dropped"
    #: it is closed in the middle of the answer
    CUT = "broken off"
    #: the answer begins and does not go on
    STALL = "stalled"


#: from a request to what comes of it
Script: TypeAlias = Callable[[Request], Reply | Fault]


class HttpProvider:
    """The other end of an HTTP channel; a context manager. Speaks HTTP/1.0, so that a fault hits its own call only.

    Args:
        accepted: answers every request until `script` is set.
        preparatory: path → answer for requests that send nothing (token fetches); not counted by `asked`.
    """

    def __init__(self, accepted: Script, preparatory: Mapping[str, Any] | None = None) -> None:
        self.script = accepted
        self.preparatory = {path: as_script(answer) for path, answer in (preparatory or {}).items()}
        #: the requests that ask to send, in order of arrival
        self.requests: list[Request] = []
        #: the preparatory ones
        self.preparations: list[Request] = []
        self._accepted = accepted
        self._released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.002,), daemon=True)
        self._open = True
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.leave()

    @property
    def url(self) -> str:
        """Where it stands: `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def places(self) -> Mapping[str, str]:
        """The fields of a contract's `config`."""
        return {"server": self.url}

    @property
    def asked(self) -> int:
        """How often it was asked to send."""
        return len(self.requests)

    @property
    def called(self) -> int:
        """How many requests it had at all."""
        return len(self.requests) + len(self.preparations)

    def accept(self) -> None:
        """Accept from now on."""
        self.script = self._accepted

    def answer(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:  # noqa: ANN401 - any JSON
        """Answer so from now on; `body` may be a function of the request."""
        self.script = as_script(body, status, headers or {})

    def keep_silent(self) -> None:
        """Read requests and answer nothing."""
        self.script = lambda _request: Fault.SILENCE

    def drop(self) -> None:
        """Read requests and close the connection."""
        self.script = lambda _request: Fault.DROP

    def leave(self) -> None:
        """Close the port and let go of every connection."""
        self._released.set()
        if self._open:
            self._open = False
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def hold(self) -> None:
        """Keep a connection open until the provider leaves."""
        self._released.wait(HELD)

    def judge(self, request: Request) -> Reply | Fault:
        """Note the request and tell what comes of it."""
        if request.path in self.preparatory:
            self.preparations.append(request)
            return self.preparatory[request.path](request)
        self.requests.append(request)
        return self.script(request)


def as_script(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:  # noqa: ANN401 - any JSON
    """A constant answer, or a function from the request to the answer, as a script."""

    def script(request: Request) -> Reply | Fault:
        answer = body(request) if callable(body) else body
        return answer if isinstance(answer, Reply | Fault) else Reply(answer, status, headers or {})

    return script


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, provider: HttpProvider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the standard library
        """Show what is wrong with a script; a caller that hangs up is what the faults are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        outcome = self.server.provider.judge(self._request())
        self.close_connection = True
        if isinstance(outcome, Reply):
            self._reply(outcome)
        elif outcome is Fault.SILENCE:
            self.server.provider.hold()
        elif outcome is not Fault.DROP:
            self._begin(outcome)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - names that the standard library looks for

    def _request(self) -> Request:
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _reply(self, reply: Reply) -> None:
        body = reply.encoded()
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _begin(self, fault: Fault) -> None:
        """Promise more than will come."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"')
        self.wfile.flush()
        if fault is Fault.STALL:
            self.server.provider.hold()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""
