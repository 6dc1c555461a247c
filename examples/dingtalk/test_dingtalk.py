from pathlib import Path

from notigate.plugin import Outcome, Reason
from notigate.testing import HttpChannelContract, sample_message


class TestDingTalk(HttpChannelContract):
    """A robot with the security setting "additional signature"."""

    plugin = Path(__file__).with_name("notigate_dingtalk.py")
    config = {"webhook": "{server}/robot/send?access_token=canary-token", "secret": "SEC-canary"}
    secrets = ("canary-token", "SEC-canary")
    message = sample_message(medium="dingtalk", text="#### 台风橙色预警\n请检查地下车库")
    accepted = {"errcode": 0, "errmsg": "ok"}
    refusals = {
        "token": ({"errcode": 300001, "errmsg": "token is not exist"}, 200, Outcome.refused(Reason.BAD_CREDENTIALS)),
        "signature": ({"errcode": 310000, "errmsg": "sign not match"}, 200, Outcome.refused(Reason.BAD_CREDENTIALS)),
        "too fast": (
            {"errcode": 130101, "errmsg": "send too fast"},
            200,
            Outcome.busy(Reason.THROTTLED, retry_after=600),
        ),
        "a code we do not know": ({"errcode": 424242, "errmsg": "?"}, 200, Outcome.unknown("")),
    }
