from pathlib import Path

from notigate.plugin import Outcome, Reason
from notigate.testing import HttpChannelContract, Reply, Request, sample_message

BAD_ADDRESS = Outcome.refused(Reason.BAD_ADDRESS)


class TestCourier(HttpChannelContract):
    plugin = Path(__file__).with_name("notigate_courier.py")
    config = {"endpoint": "{server}", "key": "canary-key"}
    secrets = ("canary-key", "canary-token")
    message = sample_message(medium="letter", to="13800138000")
    others = ("13800138001", "13800138002")
    provider_id = "id-0"
    preparatory = {"/token": {"token": "canary-token"}}
    refusals = {
        "the text": ({"code": 7, "message": "text refused"}, 200, Outcome.refused(Reason.BAD_CONTENT)),
        "the key": ({"code": 8, "message": "who are you?"}, 403, Outcome.refused(Reason.BAD_CREDENTIALS)),
        "too fast": ({"code": 9, "message": "slowly"}, 429, Outcome.busy(Reason.THROTTLED, retry_after=60)),
        "a code nobody knows": ({"code": 99, "message": "?"}, 200, Outcome.unknown("")),
    }
    splits = {
        "the second": ({"code": 0, "ids": ["a", None, "c"]}, (Outcome.accepted(), BAD_ADDRESS, Outcome.accepted())),
        "the last": ({"code": 0, "ids": ["a", "b", None]}, (Outcome.accepted(), Outcome.accepted(), BAD_ADDRESS)),
        "too few ids": ({"code": 0, "ids": ["a", "b"]}, (Outcome.accepted(), Outcome.accepted(), Outcome.unknown(""))),
    }
    absences = {"not known": ({"code": 0, "known": False},)}

    def accepted(self, request: Request) -> Reply:
        return Reply({"code": 0, "ids": [f"id-{place}" for place, _ in enumerate(request.json["to"])]})
