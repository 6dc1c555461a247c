"""Application messages: one call for many members, told apart person by person, safe to repeat for four hours."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

from notigate.plugin import (
    Answer,
    Channel,
    Check,
    Limits,
    Message,
    Outcome,
    Reason,
    Scope,
    Secret,
    Tools,
    judge_http,
)
from notigate_wecom.codes import STALE_TOKEN, judge
from notigate_wecom.pace import Pace
from notigate_wecom.settings import Settings
from notigate_wecom.token import AccessToken
from notigate_wecom.wire import encode, errcode, oversize

#: bytes of UTF-8; WeCom cuts a longer text without saying so
LONGEST = 2048
#: seconds in which WeCom drops a repeated request: its longest
REPEAT_WINDOW = 14400
#: `|` would make it two members, and `@all` the whole corp
USER_ID = re.compile(r"[^\s|@][^\s|]*")


class Application(Channel):
    """Writes to members of the corp. Readers of one identical text share one call."""

    #: 1000 members a call (document 90236); 10 000 calls a minute for the whole corp (document 90454);
    #: five minutes of the repeat window are left to slow calls and slow clocks
    limits = Limits(batch=1000, rate=100, repeat_window=REPEAT_WINDOW - 300)
    address = "wecom"

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._agent_id = settings.agent_id
        self._form = settings.form
        self._url = settings.endpoint.rstrip("/") + "/cgi-bin/message/send"
        self._token = AccessToken(settings, tools)
        self._pace = Pace()
        self._tools = tools

    def group(self, message: Message) -> Hashable:
        """Equal texts go together."""
        return message.text

    def refusal(self, message: Message) -> Outcome | None:
        """Refuse what is no user id, and texts that are empty or would be cut."""
        if not USER_ID.fullmatch(message.to):
            return Outcome.refused(Reason.BAD_ADDRESS, "not a WeCom user id")
        return oversize(message.text, LONGEST)

    def send(self, message: Message) -> Outcome:
        """Write to one member."""
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Write one text to its readers in one call. The same messages give the same bytes, in whatever order."""
        wait = self._pace.wait([message.to for message in messages], self._tools.now())
        if wait:
            detail = "one of the readers had as many messages as WeCom delivers to one member in this time"
            return [Outcome.busy(Reason.THROTTLED, detail, retry_after=wait)] * len(messages)
        answer = self._ask(self._body(messages))
        if isinstance(answer, Outcome):
            return [answer] * len(messages)
        code = errcode(answer)
        if code == 0:
            return [_told(answer, message) for message in messages]
        outcome = judge(code)
        alone = outcome.scope is Scope.CALL and len(messages) == 1
        return [replace(outcome, scope=Scope.MESSAGE) if alone else outcome] * len(messages)

    def check(self) -> Sequence[Check]:
        """Fetch a token: it proves corp_id, secret and the way to WeCom, and sends nothing."""
        token = self._token.get()
        if isinstance(token, Secret):
            return [Check(name="access token", ok=True, detail="corp_id and secret are good")]
        advice = (
            "compare corp_id and secret with the application's page in the WeCom console, and its trusted addresses"
        )
        if token.reason is not Reason.BAD_CREDENTIALS:
            advice = "see that this machine reaches the endpoint, then ask again"
        return [Check(name="access token", ok=False, detail=token.detail, advice=advice)]

    def _body(self, messages: Sequence[Message]) -> bytes:
        return encode(
            {
                "touser": "|".join(sorted(message.to for message in messages)),
                "msgtype": self._form,
                "agentid": self._agent_id,
                self._form: {"content": messages[0].text},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": REPEAT_WINDOW,
            }
        )

    def _ask(self, body: bytes) -> Answer | Outcome:
        """One call; once more with a new token where the old one kept it from being executed."""
        token = self._token.get()
        if isinstance(token, Outcome):
            return token
        answer = self._post(body, token)
        if isinstance(answer, Outcome) or errcode(answer) not in STALE_TOKEN:
            return answer
        token = self._token.get(other_than=token)
        return token if isinstance(token, Outcome) else self._post(body, token)

    def _post(self, body: bytes, token: Secret) -> Answer | Outcome:
        return judge_http(
            lambda: self._tools.http.post(
                self._url,
                params={"access_token": token.reveal()},
                data=body,
                headers={"Content-Type": "application/json"},
            )
        )


def _told(answer: Answer, message: Message) -> Outcome:
    """What a success (`errcode` 0) says about one reader. WeCom names those it left out in lower case."""
    for key, hint in (("invaliduser", "no such member"), ("unlicenseduser", "the member has no licence")):
        named = answer.body.get(key) or ""
        if not isinstance(named, str):
            return Outcome.unknown(f"{key} cannot be read")
        if message.to.lower() in named.lower().split("|"):
            return Outcome.refused(Reason.BAD_ADDRESS, f"{key}: {hint}")
    reference = answer.body.get("msgid")
    if isinstance(reference, str) and reference:
        return Outcome.accepted(reference)
    return Outcome.unknown("success without msgid")
