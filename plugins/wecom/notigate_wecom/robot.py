"""The group robot: one webhook, one group, no references and no questions afterwards."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from notigate.plugin import (
    Attachment,
    Channel,
    Check,
    Limits,
    Message,
    Outcome,
    Reason,
    Secret,
    Status,
    Tools,
    judge_http,
)
from notigate_wecom.codes import judge
from notigate_wecom.settings import Settings
from notigate_wecom.wire import encode, errcode, oversize

#: bytes of UTF-8 (document 99110)
LONGEST = {"text": 2048, "markdown": 4096}
#: what a group sees as a picture, and the bytes of one (document 99110)
PICTURES = frozenset({"image/png", "image/jpeg"})
LARGEST_PICTURE = 2 * 1024 * 1024
#: a kept-alive connection that closes under a post leaves an outcome that nobody can ask about
HEADERS = {"Content-Type": "application/json", "Connection": "close"}


class Robot(Channel):
    """Posts to one group. The group is the reader, so no address is needed."""

    #: a robot may post 20 times in a minute, whoever posts; two are left to others (document 99110)
    limits = Limits(concurrency=1, rate=18 / 60)

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._webhook = settings.webhook or Secret("")
        self._form = settings.form
        self._mentioned = settings.mentioned
        self._mobiles = settings.mentioned_mobiles
        self._tools = tools

    def refusal(self, message: Message) -> Outcome | None:
        """Refuse what is empty or too long, mentions included, and a picture that is too large."""
        picture = _picture(message)
        if picture and len(picture.data) > LARGEST_PICTURE:
            return Outcome.refused(Reason.BAD_CONTENT, f"{picture.name} has more than {LARGEST_PICTURE} bytes")
        return oversize(message.text, LONGEST[self._form]) or oversize(self._content(message), LONGEST[self._form])

    def send(self, message: Message) -> Outcome:
        """Post the text once and, when the group has it, its picture once. WeCom gives no reference.

        The text decides what came of the message: what is posted again because its picture did not go would be read twice.
        """
        outcome, picture = self._post(self._body(message)), _picture(message)
        if picture is None or outcome.status is not Status.ACCEPTED:
            return outcome
        shown = self._post({"msgtype": "image", "image": _encoded(picture.data)})
        if shown.status is Status.ACCEPTED:
            return outcome
        return Outcome.accepted(detail=f"without its picture {picture.name}: {shown.detail}")

    def _post(self, body: Mapping[str, Any]) -> Outcome:
        data = encode(body)
        answer = judge_http(lambda: self._tools.http.post(self._webhook.reveal(), data=data, headers=HEADERS))
        if isinstance(answer, Outcome):
            return answer
        code = errcode(answer)
        return Outcome.accepted() if code == 0 else judge(code)

    def check(self) -> Sequence[Check]:
        """Say that nothing can be asked."""
        return [
            Check(
                name="group robot",
                ok=True,
                detail="not asked: WeCom answers nothing about a robot but to a post that the whole group reads",
            )
        ]

    def _body(self, message: Message) -> Mapping[str, Any]:
        if self._form == "markdown":
            return {"msgtype": "markdown", "markdown": {"content": self._content(message)}}
        text: dict[str, object] = {"content": self._content(message)}
        if self._mentioned:
            text["mentioned_list"] = self._mentioned
        if self._mobiles:
            text["mentioned_mobile_list"] = self._mobiles
        return {"msgtype": "text", "text": text}

    def _content(self, message: Message) -> str:
        if self._form == "text" or not self._mentioned:
            return message.text
        return message.text + "\n" + "".join(f"<@{user}>" for user in self._mentioned)


def _picture(message: Message) -> Attachment | None:
    return next((one for one in message.attachments if one.media_type in PICTURES), None)


def _encoded(data: bytes) -> Mapping[str, str]:
    """As document 99110 wants a picture; the digest only finds what broke on the way."""
    return {"base64": b64encode(data).decode(), "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
