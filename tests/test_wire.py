"""How requests leave: in one piece, on kept connections, and nothing smuggled in."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from notigate.edges import Timeouts
from notigate.edges.http import Session
from notigate.plugin import Answer, Outcome, Status, judge_http

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BROKEN = (b"no HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}")
#: instead of an answer
HUNG_UP = b""
SIGNED = {"host": "provider.example", "x-signed": "yes", "content-length": "4"}


class Provider:
    """Answers each request with the next of `answers`, and remembers every piece that it received."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = iter(answers)
        self.pieces: list[bytes] = []
        self.requests: list[bytes] = []
        self.connections = 0
        #: somebody has hung up
        self.left = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                talk, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            with talk:
                request = b""
                while piece := talk.recv(1 << 20):
                    self.pieces.append(piece)
                    request += piece
                    if not _whole(request):
                        continue
                    self.requests.append(request)
                    request, answer = b"", next(self._answers, ANSWER)
                    talk.sendall(answer)
                    if answer in (*BROKEN, HUNG_UP):
                        break
            self.left.set()

    def close(self) -> None:
        self._door.close()


def _whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    return request != head and (b"POST" not in head or body == b"body")


@contextmanager
def provider(*answers: bytes) -> Iterator[Provider]:
    made = Provider(list(answers))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(Timeouts(connect=2.0, read=2.0, total=5.0), connections=2) as made:
        made.trust_env = False
        yield made


def ask(session: Session, url: str, headers: dict[str, str] | None = None) -> requests.Response:
    request = requests.PreparedRequest()
    request.method, request.url, request.body = "POST", url, b"body"
    request.headers = requests.structures.CaseInsensitiveDict(SIGNED | (headers or {}))
    request.prepare_cookies({})
    return session.send(request)


def test_a_request_leaves_in_one_piece_as_it_was_signed(session):
    with provider() as there:
        assert ask(session, there.url).json() == {}
        assert there.pieces == [
            b"POST / HTTP/1.1\r\nhost: provider.example\r\nx-signed: yes\r\ncontent-length: 4\r\n\r\nbody"
        ]


@pytest.mark.parametrize("value", ["a\r\nx-more: 1", "a\nx-more: 1", "a\rx-more: 1"])
def test_a_value_cannot_bring_in_another_header(session, value):
    with provider() as there:
        with pytest.raises(ValueError, match="Invalid header value"):
            ask(session, there.url, {"x-signed": value})
        assert there.pieces == []


def test_requests_of_other_kinds_go_out_too(session):
    with provider() as there:
        assert session.get(there.url).json() == {}
        assert session.post(there.url, data="body").json() == {}
        assert ask(session, there.url, {"x-name": "Zoë"}).json() == {}
        assert [request.split()[0] for request in there.requests] == [b"GET", b"POST", b"POST"]


def test_connections_are_kept(session):
    with provider() as there:
        assert [ask(session, there.url).status_code for _ in range(5)] == [200] * 5
        assert there.connections == 1


def test_an_answer_that_closes_its_connection_is_the_last_on_it(session):
    closing = ANSWER.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with provider(closing, ANSWER) as there:
        assert [ask(session, there.url).status_code for _ in range(2)] == [200] * 2
        assert there.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_answers_of_every_form_are_read(session, answer):
    with provider(answer, ANSWER) as there:
        assert [ask(session, there.url).content for _ in range(2)] == [b"{}"] * 2
        assert there.connections == 1


@pytest.mark.parametrize("answer", BROKEN)
def test_a_broken_answer_is_a_broken_connection(session, answer):
    with provider(answer, ANSWER) as there:
        with pytest.raises(requests.exceptions.ConnectionError):
            ask(session, there.url)
        assert ask(session, there.url).status_code == 200


def test_a_session_that_is_closed_has_no_connection_left(session):
    with provider() as there:
        ask(session, there.url)
        session.close()
        gc.collect()
        assert there.left.wait(5.0)


def judged(session: Session, scheme: str, proxy: str) -> Answer | Outcome:
    """What became of a post to a provider that can be reached by a proxy alone."""
    session.proxies = {scheme: proxy}
    return judge_http(lambda: session.post(f"{scheme}://provider.example/", data=b"body"))


@pytest.mark.parametrize("answer", [HUNG_UP, *BROKEN])
def test_an_answer_that_is_lost_behind_a_proxy_is_unknown(session, answer):
    with provider(answer) as proxy:
        outcome = judged(session, "http", proxy.url)
        assert (outcome.status, len(proxy.requests)) == (Status.UNKNOWN, 1)


def test_a_proxy_that_refuses_the_way_to_the_provider_has_sent_nothing(session):
    with provider(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as proxy:
        assert judged(session, "https", proxy.url).status is Status.BUSY
        assert [request.split()[0] for request in proxy.requests] == [b"CONNECT"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_has_sent_nothing(session, scheme):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        assert judged(session, scheme, proxy).status is Status.BUSY


def test_more_hosts_than_pools_are_asked_again_and_again(session):
    with provider() as a, provider() as b, provider() as c, provider() as d, provider() as e:
        for there in (a, b, c, d, e, a, b):
            assert ask(session, there.url).status_code == 200
