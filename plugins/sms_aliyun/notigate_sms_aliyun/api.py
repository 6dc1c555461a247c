"""One signed call of the Dysmsapi."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from notigate.plugin import Answer, Outcome, Tools, judge_http
from notigate_sms_aliyun.signing import authorization, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from requests.structures import CaseInsensitiveDict

    from notigate_sms_aliyun.settings import Settings

VERSION = "2017-05-25"


class Api:
    """An account's side of the wire: every question is asked once, under a nonce of its own."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        scheme, self._host, *_ = urlsplit(settings.endpoint)
        self._url = f"{scheme}://{self._host}/"

    @cached_property
    def _http(self) -> requests.Session:
        return self._tools.http

    def now(self) -> datetime:
        """The real time, aware."""
        return self._tools.now()

    def ask(self, action: str, params: Mapping[str, str]) -> Answer | Outcome:
        """Call `action` with `params` in the form body; an outcome when there is no answer to be read."""
        return self.post(action, encoded(params))

    def post(self, action: str, form: str) -> Answer | Outcome:
        """As `ask`, with a form that is encoded already."""
        body = form.encode()
        headers = self._signed(action, body)
        return judge_http(lambda: self._http.send(self._request(body, headers)))

    def close(self) -> None:
        """Let go of the connections, if there are any."""
        if "_http" in self.__dict__:
            self._http.close()

    def _request(self, body: bytes, headers: Mapping[str, str]) -> requests.PreparedRequest:
        """What was signed, with the session's own headers.

        `Session.post` would look for more to put in, which takes a quarter of a whole call; and a password that `~/.netrc`
        has for the host would replace the signature.
        """
        from requests import PreparedRequest  # noqa: PLC0415 - imported by now, with the session

        request = PreparedRequest()
        request.method, request.url, request.body = "POST", self._url, body
        request.headers = self._own.copy()
        request.headers.update(headers)
        request.headers["content-length"] = str(len(body))
        return request

    @cached_property
    def _own(self) -> CaseInsensitiveDict[str]:
        """The session's headers, as all requests have them."""
        from requests import PreparedRequest  # noqa: PLC0415 - as above

        request = PreparedRequest()
        request.prepare_headers(self._http.headers)
        return request.headers

    def _signed(self, action: str, body: bytes) -> dict[str, str]:
        settings = self._settings
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "host": self._host,
            "x-acs-action": action,
            "x-acs-content-sha256": sha256(body).hexdigest(),
            "x-acs-date": self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": VERSION,
        }
        if settings.security_token:
            headers["x-acs-security-token"] = settings.security_token.reveal()
        key_id, secret = settings.access_key_id.reveal(), settings.access_key_secret.reveal()
        headers["authorization"] = authorization(key_id, secret, headers)
        return headers
