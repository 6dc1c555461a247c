"""How requests leave the machine: on kept connections, each in one piece, with as little ado as is safe."""

# ruff: noqa: ANN401, D102 - the methods are those of requests and urllib3, and told there

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3._collections import HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


class _Connection(HTTPConnection):
    """Writes a whole request at once, and looks at a header once: both cost urllib3 a quarter of a call.

    Head and body by themselves would be two packets, and two waits for a turn among the threads of a crew. What is not a
    plain request goes urllib3's own way.
    """

    #: the request that waits for its answer, if it was a plain one
    _asked: tuple[str, str] | None = None

    def request(  # type: ignore[override]  # as urllib3 has it, not http.client
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        plain = _plain(method, url, body, headers) if headers and not options.get("chunked") else None
        self._asked = (method, url) if plain else None
        if plain is None:
            return super().request(method, url, body, headers, **options)
        if self.sock is None:
            self.connect()
        self.sock.sendall(plain)
        return None

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as above
        if self._asked is None:
            return super().getresponse()
        (method, url), self._asked = self._asked, None
        if self.sock.gettimeout() != self.timeout:
            self.sock.settimeout(self.timeout)
        answer = self.response_class(self.sock, method=method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            self.close()
            raise
        if answer.will_close:
            self.close()
        return HTTPResponse(
            body=answer, headers=HTTPHeaderDict(answer.headers.items()), status=answer.status, version=answer.version,
            reason=answer.reason, preload_content=False, decode_content=False, original_response=answer,
            request_method=method, request_url=url,
        )  # fmt: skip


def _plain(method: str, url: str, body: object, headers: Mapping[str, str]) -> bytes | None:
    """The bytes of a request that has its length, its host and nothing that could be taken for another header."""
    if not isinstance(body, bytes) or "content-length" not in headers or "host" not in headers:
        return None
    head = [f"{method} {url} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()]]
    text = "\r\n".join(head)
    if text.count("\n") >= len(head) or text.count("\r") >= len(head) or not text.isascii() or " " in url:
        return None
    return f"{text}\r\n\r\n".encode() + body


class _SecureConnection(_Connection, HTTPSConnection):
    """The same under TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """No retries; what a host means for the pool of connections is found out once, not with every call."""

    def __init__(self, connections: int) -> None:
        self._pools: dict[object, Any] = {}
        super().__init__(pool_connections=4, pool_maxsize=connections, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

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
