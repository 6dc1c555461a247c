"""A healthy channel with every power the contract asks about, to be broken on purpose."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

from notigate.plugin import (
    Answer,
    Attempt,
    Channel,
    ChannelSpec,
    Check,
    ConfigError,
    Finding,
    Limits,
    Message,
    Outcome,
    Reason,
    Secret,
    Tools,
    Wording,
    hookimpl,
    judge_http,
)

log = logging.getLogger("courier")

REFUSALS = {7: Reason.BAD_CONTENT, 8: Reason.BAD_CREDENTIALS}
TOO_FAST = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    endpoint: str
    key: Secret


class Courier(Channel):
    limits = Limits(batch=10, repeat_window=60)
    address = "phone"

    def __init__(self, settings: Settings, tools: Tools) -> None:
        place = urlsplit(settings.endpoint)
        if place.scheme != "https" and place.hostname != "127.0.0.1":
            raise ConfigError("endpoint {endpoint!r} is no https address", endpoint=settings.endpoint)
        self.settings = settings
        self.tools = tools
        self.token: Secret | None = None
        self.lock = Lock()

    def refusal(self, message: Message) -> Outcome | None:
        return None if message.text else Outcome.refused(Reason.BAD_CONTENT, "empty")

    def send(self, message: Message) -> Outcome:
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        token = self.fetched()
        if isinstance(token, Outcome):
            return [token] * len(messages)
        letter = {"to": [message.to for message in messages], "text": messages[0].text}
        log.debug("asking for %d letters", len(messages))
        answer = judge_http(lambda: self.tools.http.post(self.at("/letters"), json=letter, headers=bearer(token)))
        if isinstance(answer, Outcome):
            return [answer] * len(messages)
        return [judge(answer, position) for position in range(len(messages))]

    def lookup(self, attempt: Attempt) -> Finding:
        token = self.fetched()
        if isinstance(token, Outcome):
            return Finding.inconclusive(token.detail)
        asked = {"reference": attempt.reference}
        answer = judge_http(lambda: self.tools.http.get(self.at("/letters"), params=asked, headers=bearer(token)))
        if isinstance(answer, Outcome) or type(answer.body.get("known")) is not bool:
            return Finding.inconclusive("no usable answer")
        return Finding.found() if answer.body["known"] else Finding.absent()

    def submit(self, wording: Wording) -> Outcome:
        token = self.fetched()
        if isinstance(token, Outcome):
            return token
        said = {"text": wording.text}
        told = judge_http(lambda: self.tools.http.post(self.at("/letters"), json=said, headers=bearer(token)))
        return told if isinstance(told, Outcome) else judge(told, 0)

    def check(self) -> Sequence[Check]:
        token = self.fetched()
        return [Check(name="token", ok=isinstance(token, Secret), detail="asked")]

    def fetched(self) -> Secret | Outcome:
        with self.lock:
            if self.token is None:
                key = self.settings.key.reveal()
                answer = judge_http(lambda: self.tools.http.post(self.at("/token"), json={"key": key}))
                token = answer.body.get("token") if isinstance(answer, Answer) else None
                if not isinstance(token, str):
                    return Outcome.busy(Reason.UNAVAILABLE, "no token")
                self.token = Secret(token)
            return self.token

    def at(self, path: str) -> str:
        return self.settings.endpoint + path


def bearer(token: Secret) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"}


def judge(answer: Answer, position: int) -> Outcome:
    code = answer.body.get("code")
    if type(code) is not int:
        return Outcome.unknown("no code")
    if code == TOO_FAST:
        return Outcome.busy(Reason.THROTTLED, f"code {code}", retry_after=60)
    if code in REFUSALS:
        return Outcome.refused(REFUSALS[code], f"code {code}")
    if code != 0:
        return Outcome.unknown(f"code {code}")
    ids = answer.body.get("ids")
    one = ids[position] if isinstance(ids, list) and position < len(ids) else ""
    if one is None:
        return Outcome.refused(Reason.BAD_ADDRESS, "left out")
    return Outcome.accepted(one) if isinstance(one, str) and one else Outcome.unknown("no id")


@hookimpl
def notigate_channels() -> Sequence[ChannelSpec]:
    return [
        ChannelSpec(
            name="courier", summary="Letters", settings=Settings, channel=Courier, media=("letter",), made=Courier
        )
    ]
