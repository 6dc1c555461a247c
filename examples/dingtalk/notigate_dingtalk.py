"""DingTalk group robots: one webhook is one group, and everybody in it reads the message."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notigate.plugin import (
    Answer,
    Channel,
    ChannelSpec,
    ConfigError,
    Limits,
    Message,
    Outcome,
    Reason,
    Secret,
    Tools,
    hookimpl,
    is_secure,
    judge_http,
)

#: What the robot's answers mean. Kept to the codes we are certain of; the others are listed under "custom robot" on
#: open.dingtalk.com. A code that does not stand here is unknown: a person looks, and nothing goes out twice.
REFUSALS = {
    300001: Reason.BAD_CREDENTIALS,  # the access token does not exist: the robot was removed
    310000: Reason.BAD_CREDENTIALS,  # the robot's security settings refuse: signature, clock, keyword or IP address
}
TOO_FAST = 130101


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The channel's section in notigate.yaml."""

    #: the robot's address with its access token
    webhook: Secret
    #: starts with SEC; only for robots whose security setting is "additional signature"
    secret: Secret | None = None


class DingTalk(Channel):
    """Writes into one group."""

    # 20 messages a minute; whoever sends more is shut out for ten minutes.
    limits = Limits(concurrency=1, rate=20 / 60)

    def __init__(self, settings: Settings, tools: Tools) -> None:
        if not is_secure(settings.webhook.reveal()):
            raise ConfigError("webhook must be the robot's whole https address (http is for loopback addresses only)")
        self.settings = settings
        self.tools = tools

    def send(self, message: Message) -> Outcome:
        """Post one message; the robot gives no reference."""
        answer = judge_http(
            lambda: self.tools.http.post(
                self.settings.webhook.reveal(), params=self._signature(self.tools.now()), json=body(message)
            )
        )
        return judge(answer) if isinstance(answer, Answer) else answer

    def _signature(self, now: datetime) -> Mapping[str, str]:
        if self.settings.secret is None:
            return {}
        return signature(self.settings.secret.reveal(), round(now.timestamp() * 1000))


def signature(secret: str, timestamp: int) -> Mapping[str, str]:
    """The parameters that prove that we know the secret; `timestamp` in milliseconds, at most an hour off."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}


def body(message: Message) -> Mapping[str, object]:
    """Markdown needs a title: it is what the list of chats shows."""
    if message.medium == "sms":
        return {"msgtype": "text", "text": {"content": message.text}}
    title = message.subject or message.text.partition("\n")[0]
    return {"msgtype": "markdown", "markdown": {"title": title, "text": message.text}}


def judge(answer: Answer) -> Outcome:
    """Only `errcode` counts, whatever the HTTP status."""
    code = answer.body.get("errcode")
    if type(code) is not int:
        return Outcome.unknown(f"HTTP {answer.status} without errcode")
    if code == 0:
        return Outcome.accepted()
    if code == TOO_FAST:
        return Outcome.busy(Reason.THROTTLED, f"errcode {code}", retry_after=600)
    if code in REFUSALS:
        return Outcome.refused(REFUSALS[code], f"errcode {code}")
    return Outcome.unknown(f"errcode {code}")


@hookimpl
def notigate_channels() -> Sequence[ChannelSpec]:
    """Offer the channel."""
    return [
        ChannelSpec(
            name="dingtalk",
            summary="DingTalk group robot",
            settings=Settings,
            channel=DingTalk,
            media=("dingtalk", "wecom", "sms"),
            made=DingTalk,
        )
    ]
