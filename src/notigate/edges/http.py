"""The HTTP session of a channel."""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.cookies import extract_cookies_to_jar
from requests.hooks import dispatch_hook

from notigate.edges import Timeouts
from notigate.edges.wire import Adapter

#: they write whole addresses, and with them keys and phone numbers
INDISCREET = ("urllib3.connection", "urllib3.connectionpool")

#: a provider's answer is a few hundred bytes; more than this is not read
BODY_LIMIT = 1 << 20


class Session(requests.Session):
    """One channel's HTTP session: time-outs always, no redirects, no retries, answers bounded in size and time."""

    def __init__(self, timeouts: Timeouts, connections: int) -> None:
        super().__init__()
        for name in INDISCREET:
            logging.getLogger(name).disabled = True
        self._timeout = urllib3.Timeout(connect=timeouts.connect, read=timeouts.read)
        self._total = timeouts.total
        self._environment: dict[object, Any] = {}
        adapter = Adapter(connections)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def merge_environment_settings(self, url: Any, *given: Any) -> Any:  # noqa: ANN401 - as requests has them
        """The environment's proxies and certificates: asked for once a host, for that is a fifth of what a call costs."""
        if any(given):
            return super().merge_environment_settings(url, *given)
        place = urlsplit(url)[:2]
        if place not in self._environment:
            self._environment[place] = super().merge_environment_settings(url, *given)
        return dict(self._environment[place])

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as in requests
        """Send one prepared request.

        Raises:
            requests.exceptions.RequestException: as `notigate.plugin.judge_http` reads it.
        """
        started = time.monotonic()
        if "proxies" not in kwargs:
            kwargs |= self.merge_environment_settings(request.url, {}, None, None, None)
        given = {"verify": self.verify, "cert": self.cert} | kwargs | {"stream": True}
        given["timeout"] = kwargs.get("timeout") or self._timeout
        given.pop("allow_redirects", None)
        # As requests does it, but for the redirects: to find that one leads nowhere takes it a tenth of a call.
        answer = self.get_adapter(request.url or "").send(request, **given)
        response: requests.Response = dispatch_hook("response", request.hooks, answer, **given)  # type: ignore[no-untyped-call]  # requests has no types for it
        extract_cookies_to_jar(self.cookies, request, response.raw)  # type: ignore[no-untyped-call]  # as above
        try:
            body = _bounded(response, started + self._total)
        except urllib3.exceptions.HTTPError as fault:
            raise requests.exceptions.ConnectionError(f"the answer broke off: {type(fault).__name__}") from fault
        finally:
            response.close()
        response._content = body  # noqa: SLF001 - `content` must not read the drained stream again
        return response


def _bounded(response: requests.Response, deadline: float) -> bytes:
    """Read what has arrived, again and again: `iter_content` would wait for full chunks, however slowly they drip."""
    body, late = bytearray(), False
    while chunk := response.raw.read1(65536, decode_content=True):
        if late:
            raise requests.exceptions.ReadTimeout("the answer took too long")
        body += chunk
        if len(body) > BODY_LIMIT:
            raise requests.exceptions.ContentDecodingError("the answer is too long")
        # What is here in full by now is an answer all the same.
        late = time.monotonic() > deadline
    return bytes(body)
