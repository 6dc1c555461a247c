"""A faithful Aliyun account in a process of its own, which counts what it takes and spoils replies as it is told.

    with Provider(seed=1) as provider:
        provider.weather(delay=(0.02, 0.05), troubles={"lost": 0.15})
        ...  # send to provider.port
        provider.sent()

The verdict of every fault harness is its count. Orders come as lines of JSON on its standard input, answers go to its
standard output; it ends with its parent.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Any, BinaryIO, NamedTuple, Self

from notigate.testing.aliyun import FakeAliyun, Fault, Reply
from notigate.testing.loopback import Request

TEMPLATE = "${greeting}，生日快乐！${project_name}全体同事祝您事业有成、好运常伴。有事请拨${hotline}。"
ACCOUNT: Mapping[str, Any] = {"keys": {"id": "secret"}, "signs": ["青年城"], "templates": {"SMS_1": TEMPLATE}}
SENDING = frozenset({"SendSms", "SendBatchSms"})
#: where redirects lead; nobody may ever come there
ELSEWHERE = "/elsewhere"
LOGIN_PAGE = "<!doctype html><html><body><form>Please log in to the hotel network</form></body></html>"

#: seconds beyond every time-out that the harnesses set
LATE = 8.0
#: answers when every connection that was made before it has been taken up
BARRIER = "/barrier"


def _later(reply: Reply) -> Reply:
    time.sleep(LATE)
    return reply


#: what can become of the reply to a call that was carried out
TROUBLES: Mapping[str, Callable[[Reply], Reply | Fault]] = {
    "lost": lambda _: Fault.DROP,
    "half": lambda _: Fault.CUT,
    "stalled": lambda _: Fault.STALL,
    "login page": lambda _: Reply(LOGIN_PAGE, headers={"Content-Type": "text/html"}),
    "empty": lambda _: Reply(b""),
    "truncated": lambda reply: Reply(reply.encoded()[:-9]),
    "binary": lambda _: Reply(bytes(range(256))),
    "a list": lambda reply: Reply([reply.body]),
    "no reference": lambda _: Reply({"Code": "OK", "Message": "OK"}),
    "new code": lambda _: Reply({"Code": "isv.NEVER_HEARD_OF", "Message": "?"}),
    "internal error": lambda _: Reply({"Code": "InternalError", "Message": "?"}, 500),
    "bad gateway": lambda _: Reply("", 502),
    "redirect": lambda _: Reply("", 302, {"Location": ELSEWHERE}),
    "late": _later,
}

STATES = """
SELECT d.state FROM call c JOIN attempt a ON a.call = c.id JOIN delivery d ON d.id = a.delivery WHERE c.reference = ?
"""
ANSWERED = frozenset({"accepted", "delivered", "undelivered", "failed"})


class Taken(NamedTuple):
    """One message that the provider accepted."""

    phone: str
    out_id: str


@dataclass(slots=True)
class Weather:
    """How calls that send are treated."""

    #: seconds from the deed to the reply: at least, at most
    delay: tuple[float, float] = (0.0, 0.0)
    #: seconds at most until the deed, when nobody may be waiting for it any more
    ingest: float = 0.0
    #: after so many calls, no other one is carried out until the weather changes; None: all are
    held_after: int | None = None
    #: name of a trouble → its share of the calls
    troubles: Mapping[str, float] = field(default_factory=dict)


class Account(FakeAliyun):
    """The account, with weather around it."""

    def __init__(self, seed: int) -> None:
        super().__init__(**ACCOUNT)
        self.weather = Weather()
        #: OutId → trouble of its reply
        self.spoiled: dict[str, str] = {}
        #: requests that followed a redirect
        self.astray = 0
        self._dice = random.Random(seed)
        self._changed = threading.Condition()
        #: calls that send: those that came, those that may be carried out
        self.arrived = self._let_in = 0
        #: connections that are not closed
        self._open = 0
        #: the ledger of those who call; calls that came before their intent, and after their answer, was in it
        self.ledger = ""
        self.unpromised = self.foretold = 0

    def __enter__(self) -> Self:
        super().__enter__()
        server = self._provider._server  # noqa: SLF001 - it has no business counting its connections itself
        begin, end = server.process_request, server.shutdown_request

        def begun(request: Any, client: Any) -> None:  # noqa: ANN401 - as in the standard library
            self._count(1)
            begin(request, client)

        def ended(request: Any) -> None:  # noqa: ANN401 - as in the standard library
            end(request)
            self._count(-1)

        server.process_request, server.shutdown_request = begun, ended  # type: ignore[method-assign, assignment]  # looks on
        return self

    def _count(self, connections: int) -> None:
        with self._changed:
            self._open += connections
            self._changed.notify_all()

    def change(self, weather: Weather) -> None:
        """From now on."""
        with self._changed:
            self.weather, self._let_in = weather, 0
            self._changed.notify_all()

    def quiet(self) -> None:
        """Wait until everything is carried out that has been asked for."""
        with urllib.request.urlopen(self.endpoint + BARRIER) as answer:  # noqa: S310 - our own
            answer.read()
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0)

    def wait_for(self, calls: int) -> None:
        """Wait until so many calls that send have arrived."""
        with self._changed:
            self._changed.wait_for(lambda: self.arrived >= calls)

    def watch(self, ledger: str) -> None:
        """From now on, look every call up in this ledger."""
        self.ledger, self.unpromised, self.foretold = ledger, 0, 0

    def forget(self) -> None:
        """Begin with an empty account; the weather stays."""
        self.account, self.spoiled, self.arrived = FakeAliyun(**ACCOUNT).account, {}, 0

    def encrypted(self, certificate: str, *, breaks: bool) -> int:
        """Serve TLS too; the port where."""
        door = _Door(certificate, int(self.endpoint.rpartition(":")[2]), breaks=breaks)
        threading.Thread(target=door.serve_forever, daemon=True).start()
        port: int = door.server_address[1]
        return port

    def _serve(self, request: Request) -> Reply | Fault:
        if request.path == BARRIER:
            return Reply()
        if request.path == ELSEWHERE:
            self.astray += 1
        if request.headers.get("x-acs-action") not in SENDING or "OutId" not in request.form:
            return super()._serve(request)  # a caller who was killed in the middle of a word has no OutId
        with self._changed:
            self.arrived += 1
            self._changed.notify_all()
            before, after = self._dice.uniform(0, self.weather.ingest), self._dice.uniform(*self.weather.delay)
            trouble = self._trouble_of_a_call()
            self._look_up(request.form["OutId"])
            self._changed.wait_for(self._free)
            self._let_in += 1
        time.sleep(before)
        reply = super()._serve(request)
        time.sleep(after)
        if trouble is None or not isinstance(reply, Reply):
            return reply
        self.spoiled[request.form["OutId"]] = trouble
        return TROUBLES[trouble](reply)

    def _look_up(self, reference: str) -> None:
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=60)) as ledger:
            states = {state for (state,) in ledger.execute(STATES, [reference])}
        self.unpromised += not states
        self.foretold += not states.isdisjoint(ANSWERED)

    def _free(self) -> bool:
        return self.weather.held_after is None or self._let_in < self.weather.held_after

    def _trouble_of_a_call(self) -> str | None:
        names, shares = list(self.weather.troubles), list(self.weather.troubles.values())
        return self._dice.choices([None, *names], [1 - sum(shares), *shares])[0]


class _Door(ThreadingMixIn, TCPServer):
    """Speaks TLS and hands on what it hears to the account; with `breaks`, no answer comes out of it whole."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, certificate: str, account: int, *, breaks: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Porter)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate)
        self.account, self.breaks = account, breaks

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the standard library
        """Callers who do not trust us hang up; that is what we are here for."""


class _Porter(BaseRequestHandler):
    server: _Door

    def handle(self) -> None:
        with (
            self.server.context.wrap_socket(self.request, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", self.server.account)) as inside,
        ):
            inside.sendall(_request(outside.makefile("rb")))
            reply = inside.makefile("rb").read()
            if self.server.breaks:
                os.write(outside.fileno(), b"no record of TLS")
            else:
                outside.sendall(reply)


def _request(source: BinaryIO) -> bytes:
    head = b"".join(iter(source.readline, b"\r\n")) + b"\r\n"
    length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
    return head + source.read(int(length[1]) if length else 0)


class Provider:
    """The other process, as a harness sees it; a context manager."""

    def __init__(self, seed: int) -> None:
        command = [sys.executable, __file__, str(seed)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._process.kill()
        self._process.communicate()

    @cached_property
    def port(self) -> int:
        """Where it listens; the first thing that it tells when it is ready."""
        return int(self._answer())

    def weather(self, **weather: Any) -> None:  # noqa: ANN401 - fields of `Weather`
        """From now on."""
        self._ask("weather", **weather)

    def quiet(self) -> None:
        """Wait until it has carried out what dead processes asked of it: only then is "I have nothing of that" the truth."""
        self._ask("quiet")

    def wait_for(self, calls: int) -> None:
        """Wait until so many calls that send have arrived, carried out or not."""
        self._ask("wait_for", calls=calls)

    def sent(self) -> list[Taken]:
        """Every message that it accepted, in order."""
        return [Taken(*message) for message in self._ask("sent")]

    def count(self) -> int:
        """How many those are."""
        return int(self._ask("count"))

    def spoiled(self) -> dict[str, str]:
        """OutId → trouble of its reply."""
        return dict(self._ask("spoiled"))

    def astray(self) -> int:
        """How many requests followed a redirect."""
        return int(self._ask("astray"))

    def watch(self, ledger: Path) -> None:
        """From now on, ask the ledger of those who call about each call."""
        self._ask("watch", ledger=str(ledger))

    def unpromised(self) -> int:
        """Calls that came before their intent was in the ledger."""
        return int(self._ask("unpromised"))

    def foretold(self) -> int:
        """Calls that came when their answer was in the ledger already."""
        return int(self._ask("foretold"))

    def forget(self) -> None:
        """Begin with an empty account; the weather stays."""
        self._ask("forget")

    def encrypted(self, certificate: Path, *, breaks: bool = False) -> int:
        """Serve TLS too, with this key and certificate chain (PEM); the port where. `breaks`: the answers are no TLS."""
        return int(self._ask("encrypted", certificate=str(certificate), breaks=breaks))

    def keep(self, file: Path) -> None:
        """Write down what it took and spoiled, as evidence."""
        file.write_text(json.dumps({"sent": self.sent(), "spoiled": self.spoiled()}, indent=0), encoding="utf-8")

    def _ask(self, order: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        assert self._process.stdin
        assert self.port
        print(json.dumps({"order": order, **fields}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - JSON
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


#: order → what it does, or answers
ORDERS: Mapping[str, Callable[..., object]] = {
    "weather": lambda account, **fields: account.change(Weather(**fields)),
    "quiet": Account.quiet,
    "wait_for": Account.wait_for,
    "watch": Account.watch,
    "forget": Account.forget,
    "encrypted": Account.encrypted,
    "sent": lambda account: [(message.phone, message.out_id) for message in tuple(account.sent)],
    "count": lambda account: len(account.sent),
    "spoiled": lambda account: dict(account.spoiled),
    "astray": attrgetter("astray"),
    "unpromised": attrgetter("unpromised"),
    "foretold": attrgetter("foretold"),
}


def main(seed: int) -> None:
    """Serve until the parent is gone."""
    with Account(seed) as account:
        port = int(account.endpoint.rpartition(":")[2])
        print(json.dumps(port), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            print(json.dumps(ORDERS[order.pop("order")](account, **order)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
