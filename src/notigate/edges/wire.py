"""How requests leave the machine: on kept connections, each in one piece, with as little ado as is safe."""

# ruff: noqa: ANN401, D102 - the methods are those of requests and urllib3, and told there

from __future__ import annotations

import re
from collections.abc import Mapping
from http.client import HTTPException
from http.client import HTTPResponse as Incoming
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3._collections import HTTPHeaderDict
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

#: 204 and 304 have no body, whatever they say of its length
_STATUS = re.compile(r"HTTP/1\.1 ((?!204|304)[2-5][0-9][0-9]) ([\t\x20-\x7e]*)")
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([^\r\n\0]*)")
#: headers that ask for more than to be read: an answer with one of them is for urllib3 and requests
_ASKING = frozenset({"transfer-encoding", "content-encoding", "connection", "set-cookie"})


class _Whole:
    """An answer that is here to its last byte: what requests reads of one."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self._left = body

    def read1(self, _most: int, **_options: object) -> bytes:
        """All of its body, and then nothing."""
        body, self._left = self._left, b""
        return body

    def close(self) -> None:
        """Its connection is back in the pool already."""


def _whole(received: bytes) -> _Whole | None:
    """The answer that these bytes are, if they are one of the simplest form, and all of it."""
    head, ended, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status, fields = _STATUS.fullmatch(first), [_HEADER.fullmatch(line) for line in lines]
    if status is None or None in fields or not ended:
        return None
    headers = {field[1].lower(): field[2] for field in fields if field}
    if len(headers) < len(fields) or headers.keys() & _ASKING or headers.get("content-length") != str(len(body)):
        return None
    return _Whole(int(status[1]), status[2], headers, body)


class _Exchange(HTTPConnectionPool):
    """A plain request on a kept connection is written at once, and an answer that comes in one piece is read at once.

    urllib3 takes more of a single call than all the rest: head and body as two packets, which are two waits for a turn
    among the threads of a crew, the headers copied, the answer's head read as that of a mail. What is not plain goes its
    own way, and so does the first request of a connection: connecting, proxies, and what a fault in it proves, are urllib3's.
    """

    def urlopen(  # type: ignore[override]  # the options are handed on
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Any:
        plain = _plain(method, url, body, headers)
        if plain is None:
            return super().urlopen(method, url, body, headers, **options)
        connection = self._get_conn()
        if connection.is_closed:
            self._put_conn(connection)
            return super().urlopen(method, url, body, headers, **options)
        return self._exchange(connection, plain, method, url, options["timeout"])

    def _exchange(self, connection: Any, plain: bytes, method: str, url: str, timeout: Timeout) -> Any:
        """After the first byte no fault proves anything: the connection is given up, and the caller told."""
        answer = None
        try:
            if connection.sock.gettimeout() != timeout.read_timeout:
                connection.sock.settimeout(timeout.read_timeout)
            connection.sock.sendall(plain)
            answer = self._answer(connection, method, url)
        except TimeoutError as fault:
            raise ReadTimeoutError(self, url, "Read timed out.") from fault
        except (OSError, HTTPException) as fault:
            raise ProtocolError("Connection aborted.", fault) from fault
        finally:
            if answer is None:
                connection.close()
            if not isinstance(answer, HTTPResponse):
                self._put_conn(connection)
        return answer

    def _answer(self, connection: HTTPConnection, method: str, url: str) -> _Whole | HTTPResponse:
        """What comes back; one that has yet to be read to its end keeps its connection until then."""
        incoming = Incoming(connection.sock, method=method)
        try:
            if whole := _whole(incoming.fp.peek()):
                incoming.close()
                return whole
            incoming.begin()
        except BaseException:
            incoming.close()
            raise
        if incoming.will_close:
            connection.close()
        return HTTPResponse(
            body=incoming, headers=HTTPHeaderDict(incoming.headers.items()), status=incoming.status,
            version=incoming.version, reason=incoming.reason, preload_content=False, decode_content=False,
            original_response=incoming, pool=self, connection=connection, request_method=method, request_url=url,
        )  # fmt: skip


def _plain(method: str, url: str, body: object, headers: Mapping[str, str] | None) -> bytes | None:
    """The bytes of a request that has its length, its host and nothing that could be taken for another header."""
    if not isinstance(body, bytes) or not isinstance(headers, CaseInsensitiveDict):
        return None
    fields = dict(headers.lower_items())
    if "content-length" not in fields or "host" not in fields:
        return None
    head = [f"{method} {url} HTTP/1.1", *[f"{name}: {value}" for name, value in fields.items()]]
    text = "\r\n".join(head)
    if text.count("\n") >= len(head) or text.count("\r") >= len(head) or not text.isascii() or " " in url:
        return None
    return f"{text}\r\n\r\n".encode() + body


class _SecureExchange(_Exchange, HTTPSConnectionPool):
    """The same under TLS."""


class Adapter(HTTPAdapter):
    """No retries; what a host means for the pool of connections is found out once, not with every call."""

    def __init__(self, connections: int) -> None:
        self._pools: dict[object, Any] = {}
        super().__init__(pool_connections=4, pool_maxsize=connections, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Exchange, "https": _SecureExchange}

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        key = (urlsplit(request.url)[:2], verify, cert, frozenset((proxies or {}).items()))
        if key not in self._pools:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            super().cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]  # requests has no types for it
            self._pools[key] = pool
        return self._pools[key]

    def close(self) -> None:
        self._pools.clear()
        super().close()

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Done when the pool was made."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        return super().request_url(request, proxies) if proxies else request.path_url
