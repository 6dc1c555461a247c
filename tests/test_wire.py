"""How requests leave: in one piece, on kept connections, and nothing smuggled in."""

from __future__ import annotations

import gc
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from notigate.edges import Timeouts, wire
from notigate.edges.http import Session
from notigate.plugin import Answer, Outcome, Status, judge_http

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BROKEN = (b"no HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}")
#: an answer that is followed by hanging up, which nothing in it announces
PARTING = b"HTTP/1.1 200 OK\r\nX-Last: yes\r\nContent-Length: 2\r\n\r\n{}"
#: instead of an answer
HUNG_UP, SILENT = b"", None
SIGNED = {"host": "provider.example", "x-signed": "yes", "content-length": "4"}

HEAD = b"HTTP/1.1 200 OK\r\n"
#: an answer that ends with its connection, and others that are the last on it
ENDLESS = HEAD + b"\r\n{}"
CLOSING = (
    ENDLESS,
    HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
)
ANSWERS = (
    ANSWER,
    *CLOSING,
    b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 12\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    HEAD + b"Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n" + gzip.compress(b"{}", mtime=0),
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"Content-Length: 2\r\n\r\n{}, and what nobody asked for",
    HEAD + b"Content-Length: 2\r\nX-Twice: a\r\nX-Twice: b\r\n\r\n{}",
    HEAD + b"content-length:2 \r\nX-Spaced: \t a \t\r\nX-Empty:\r\n\r\n{}",
    HEAD + b"Content-Length: 2\r\nX-Name: Zo\xeb\r\n\r\n{}",
    HEAD + b"Content-Length: 2\r\nSet-Cookie: place=7\r\n\r\n{}",
    HEAD + b"Content-Length: 20000\r\n\r\n" + b"a" * 20_000,
    b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 307 Away\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 503 Sorry\nContent-Length: 2\n\n{}",
)


class Provider:
    """Answers each request with the next of `answers`, and remembers every piece that it received."""

    def __init__(self, answers: list[bytes | None]) -> None:
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
                    talk.sendall(answer or b"")
                    if answer in (*BROKEN, ENDLESS, PARTING, HUNG_UP):
                        break
            self.left.set()

    def close(self) -> None:
        self._door.close()


def _whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    return request != head and (b"POST" not in head or body == b"body")


def told(response: requests.Response) -> tuple[object, ...]:
    """All of an answer that a channel may read."""
    return response.status_code, response.reason, response.headers, response.content, dict(response.cookies)


@contextmanager
def provider(*answers: bytes | None) -> Iterator[Provider]:
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
    return session.send(request)


def test_a_request_leaves_in_one_piece_as_it_was_signed(session):
    with provider() as there:
        ask(session, there.url)
        there.pieces.clear()
        assert ask(session, there.url).json() == {}
        assert there.pieces == [
            b"POST / HTTP/1.1\r\nhost: provider.example\r\nx-signed: yes\r\ncontent-length: 4\r\n\r\nbody"
        ]


@pytest.mark.parametrize("value", ["a\r\nx-more: 1", "a\nx-more: 1", "a\rx-more: 1"])
def test_a_value_cannot_bring_in_another_header(session, value):
    with provider() as there:
        for _first_and_on_a_kept_connection in range(2):
            with pytest.raises(ValueError, match="Invalid header value"):
                ask(session, there.url, {"x-signed": value})
            assert there.pieces == []
            ask(session, there.url)
            there.pieces.clear()


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


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_of_every_form_are_read_alike_at_first_and_on_a_kept_connection(session, answer):
    with provider(answer, ANSWER, answer, ANSWER) as there:
        first, _, kept, _ = [told(ask(session, there.url)) for _ in range(4)]
        assert first == kept
        assert there.connections == (3 if answer in CLOSING else 1)


@pytest.mark.parametrize("broken", [*BROKEN, HUNG_UP])
@pytest.mark.parametrize("before", [[], [ANSWER]], ids=["at first", "on a kept connection"])
def test_a_broken_answer_is_a_broken_connection(session, broken, before):
    with provider(*before, broken, ANSWER) as there:
        for _ in before:
            ask(session, there.url)
        with pytest.raises(requests.exceptions.ConnectionError):
            ask(session, there.url)
        assert ask(session, there.url).status_code == 200
        assert len(there.requests) == len(before) + 2


def test_an_answer_that_is_whole_when_its_time_is_over_is_one_and_what_still_drips_is_none():
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    with Session(Timeouts(connect=2.0, read=2.0, total=0.0), connections=1) as over, provider(ANSWER, chunks) as there:
        over.trust_env = False
        assert ask(over, there.url).content == b"{}"
        with pytest.raises(requests.exceptions.ReadTimeout):
            ask(over, there.url)


def test_an_answer_of_which_the_head_has_not_ended_is_not_whole():
    assert wire._whole(HEAD + b"Content-Length: 0\r\n\r\n") is not None
    assert wire._whole(HEAD + b"Content-Length: 0") is None


def test_an_answer_that_does_not_come_is_not_waited_for_on_a_kept_connection():
    with Session(Timeouts(connect=2.0, read=0.1, total=1.0), connections=1) as hasty, provider(ANSWER, SILENT) as there:
        ask(hasty, there.url)
        with pytest.raises(requests.exceptions.ReadTimeout):
            ask(hasty, there.url)
        assert ask(hasty, there.url).status_code == 200
        assert there.connections == 2


def test_a_connection_that_was_closed_meanwhile_is_made_anew_before_anything_is_sent(session):
    with provider(PARTING) as there:
        ask(session, there.url)
        assert there.left.wait(5.0)
        assert ask(session, there.url).status_code == 200
        assert there.connections == 2


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
