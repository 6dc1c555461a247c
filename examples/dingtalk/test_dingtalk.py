from pathlib import Path

from notigate.plugin import Outcome, Reason
from notigate.testing import HttpChannelContract, sample_message

REFUSED = Outcome.refused(Reason.BAD_CREDENTIALS)


class TestDingTalk(HttpChannelContract):
    """A robot with the security setting "additional signature"."""

    plugin = Path(__file__).with_name("notigate_dingtalk.py")
    config = {"webhook": "{server}/robot/send?access_token=canary-token", "secret": "SEC-canary"}
    secrets = ("canary-token", "SEC-canary")
    message = sample_message(medium="dingtalk", subject="台风橙色预警", text="#### 台风橙色预警\n请检查地下车库")
    accepted = {"errcode": 0, "errmsg": "ok"}
    refusals = {
        "no such robot": ({"errcode": 300001, "errmsg": "token is not exist"}, 200, REFUSED),
        "signature": ({"errcode": 310000, "errmsg": "sign not match"}, 200, REFUSED),
        "too fast": ({"errcode": 130101, "errmsg": "too fast"}, 200, Outcome.busy(Reason.THROTTLED, retry_after=600)),
        "not in our table": ({"errcode": 424242, "errmsg": "?"}, 200, Outcome.unknown("")),
    }

    def test_writes_markdown_with_a_title(self, provider, channel):
        channel.send(self.message)
        markdown = {"title": "台风橙色预警", "text": "#### 台风橙色预警\n请检查地下车库"}
        assert provider.requests[0].json == {"msgtype": "markdown", "markdown": markdown}

    def test_signs_time_and_secret(self, module):
        signed = {"timestamp": "1600000000000", "sign": "1PfVGkj+2m0Dj3FuPIQcdJkTxqPfOVjuPPzA4dv3DVs="}
        assert module.signature("SEC-canary", 1600000000000) == signed
