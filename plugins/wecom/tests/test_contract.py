"""What notigate promises of every channel, asked of both forms."""

from __future__ import annotations

from typing import ClassVar

from notigate.plugin import Outcome, Reason, Scope
from notigate.testing import HttpChannelContract, sample_message

TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "canary-token", "expires_in": 7200}


def refused(code: int, reason: Reason) -> tuple[object, int, Outcome]:
    return {"errcode": code, "errmsg": "see the hint"}, 200, Outcome.refused(reason)


def busy(code: int, reason: Reason, scope: Scope = Scope.MESSAGE) -> tuple[object, int, Outcome]:
    return {"errcode": code, "errmsg": "see the hint"}, 200, Outcome.busy(reason, scope=scope)


class TestRobot(HttpChannelContract):
    plugin = "notigate_wecom"
    config: ClassVar = {"webhook": "{server}/cgi-bin/webhook/send?key=canary-key", "mentioned": ("wangqing",)}
    secrets = ("canary-key",)
    message = sample_message(medium="wecom")
    accepted: ClassVar = {"errcode": 0, "errmsg": "ok"}
    refusals: ClassVar = {
        "busy": busy(-1, Reason.UNAVAILABLE),
        "too often": busy(45009, Reason.THROTTLED, Scope.CHANNEL),
        "removed": refused(93000, Reason.BAD_CREDENTIALS),
        "too long": refused(45002, Reason.BAD_CONTENT),
    }


class TestApplication(HttpChannelContract):
    plugin = "notigate_wecom"
    config: ClassVar = {"corp_id": "ww1", "agent_id": 7, "secret": "canary-secret", "endpoint": "{server}"}
    secrets = ("canary-secret", "canary-token")
    message = sample_message(medium="wecom", to="WangQing")
    others = ("LiSi", "ZhaoWu")
    accepted: ClassVar = {"errcode": 0, "errmsg": "ok", "msgid": "m-42"}
    provider_id = "m-42"
    preparatory: ClassVar = {"/cgi-bin/gettoken": TOKEN}
    refusals: ClassVar = {
        "busy": busy(-1, Reason.UNAVAILABLE),
        "too often": busy(45009, Reason.THROTTLED, Scope.CHANNEL),
        "nobody": refused(81013, Reason.BAD_ADDRESS),
        "not trusted": refused(60020, Reason.BAD_CREDENTIALS),
        "too long": refused(45002, Reason.BAD_CONTENT),
    }
    splits: ClassVar = {
        "one is unknown": (
            {"errcode": 0, "errmsg": "ok", "msgid": "m-43", "invaliduser": "lisi"},
            200,
            [Outcome.accepted("m-43"), Outcome.refused(Reason.BAD_ADDRESS), Outcome.accepted("m-43")],
        ),
        "somebody is unknown": (
            {"errcode": 60111, "errmsg": "see the hint"},
            200,
            [Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)] * 3,
        ),
    }
