"""The application's access token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Lock

from notigate.plugin import Answer, Outcome, Reason, Secret, Status, Tools, judge_http
from notigate_wecom.codes import WRONG_SECRET, judge
from notigate_wecom.settings import Settings
from notigate_wecom.wire import errcode

#: the part of its life for which a token is used
USED_FOR = 0.95
#: seconds; WeCom gives two hours
LONGEST_LIFE = 86400


class AccessToken:
    """One token for all threads: fetched by the first that needs it, while the others wait; kept until near its end.

    A wrong secret is asked about once in the life of this object: WeCom blocks callers that repeat it (document 91039).
    """

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._lock = Lock()
        self._token: Secret | None = None
        self._used_until = tools.now()
        self._refusal: Outcome | None = None

    def get(self, *, other_than: Secret | None = None) -> Secret | Outcome:
        """A token, or why there is none: busy or refused, never unknown, because fetching one sends nothing.

        Args:
            other_than: a token that WeCom has just refused.
        """
        with self._lock:
            if self._refusal:
                return self._refusal
            if self._token and self._token != other_than and self._tools.now() < self._used_until:
                return self._token
            return self._fetch()

    def _fetch(self) -> Secret | Outcome:
        fetched_at = self._tools.now()
        answer = self._ask()
        if isinstance(answer, Outcome):
            return _harmless(answer)
        code = errcode(answer)
        if code != 0:
            outcome = _harmless(judge(code))
            self._refusal = outcome if code in WRONG_SECRET else None
            return outcome
        token, life = answer.body.get("access_token"), answer.body.get("expires_in")
        if not (isinstance(token, str) and token and isinstance(life, int)):
            return Outcome.busy(Reason.UNAVAILABLE, "gettoken: an answer without a token")
        self._token = Secret(token)
        self._used_until = fetched_at + timedelta(seconds=min(life, LONGEST_LIFE) * USED_FOR)
        return self._token

    def _ask(self) -> Answer | Outcome:
        secret = self._settings.secret or Secret("")
        return judge_http(
            lambda: self._tools.http.get(
                self._settings.endpoint.rstrip("/") + "/cgi-bin/gettoken",
                params={"corpid": self._settings.corp_id, "corpsecret": secret.reveal()},
            )
        )


def _harmless(outcome: Outcome) -> Outcome:
    """An outcome of gettoken as one of the message: what is not known of the token is known of the message."""
    detail = f"gettoken: {outcome.detail}"
    if outcome.status is Status.UNKNOWN:
        return Outcome.busy(Reason.UNAVAILABLE, detail)
    return replace(outcome, detail=detail)
