"""What notigate promises of every channel, asked of Aliyun SMS."""

from notigate.plugin import Outcome, Reason, Scope
from notigate.testing import HttpChannelContract, sample_message


def answered(code, **more):
    return {"Code": code, "Message": "the reason in Chinese prose", "RequestId": "0A1B2C3D", **more}


class TestAliyunSms(HttpChannelContract):
    plugin = "notigate_sms_aliyun"
    config = {
        "access_key_id": "canary-key-id",
        "access_key_secret": "canary-key-secret",
        "security_token": "canary-token",
        "sign_name": "青年城",
        "endpoint": "{server}",
        "templates": {"holiday/mid-autumn": {"zh_Hans": "SMS_1000001"}},
    }
    secrets = ("canary-key-id", "canary-key-secret", "canary-token")
    message = sample_message(medium="sms", to="+8613800138000", params={"greeting": "尊敬的王女士"})
    others = ("+8613800138001", "+85290000001")
    accepted = answered("OK", BizId="607300000000000000^0")
    provider_id = "607300000000000000^0"
    refusals = {
        "OK without a reference": (answered("OK"), 200, Outcome.unknown("")),
        "no such number": (answered("isv.MOBILE_NUMBER_ILLEGAL"), 200, Outcome.refused(Reason.BAD_ADDRESS)),
        "opted out": (answered("isv.CUSTOMER_REFUSED"), 200, Outcome.refused(Reason.BLOCKED)),
        "text": (answered("isv.TEMPLATE_MISSING_PARAMETERS"), 200, Outcome.refused(Reason.BAD_CONTENT)),
        "balance": (answered("isv.AMOUNT_NOT_ENOUGH"), 200, Outcome.refused(Reason.NO_CREDIT)),
        "signature": (answered("SignatureDoesNotMatch", HostId="h"), 400, Outcome.refused(Reason.BAD_CREDENTIALS)),
        "too often to one number": (
            answered("isv.BUSINESS_LIMIT_CONTROL") | {"Message": "触发分钟级流控Permits:1"},
            200,
            Outcome.busy(Reason.THROTTLED, retry_after=60),
        ),
        "too many calls": (
            answered("Throttling.User", HostId="h"),
            429,
            {"x-acs-retry-after": "1500"},
            Outcome.busy(Reason.THROTTLED, retry_after=1.5, scope=Scope.CHANNEL),
        ),
        "the provider's own trouble": (answered("isp.SYSTEM_ERROR"), 200, Outcome.unknown("")),
        "a code nobody knows": (answered("isv.BRAND_NEW"), 200, Outcome.unknown("")),
    }
    splits = {
        "somebody has no number": (
            answered("isv.MOBILE_NUMBER_ILLEGAL"),
            200,
            [Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)] * 3,
        ),
        "the template": (
            answered("isv.SMS_TEMPLATE_ILLEGAL"),
            200,
            [Outcome.refused(Reason.BAD_CONTENT, scope=Scope.MESSAGE)] * 3,
        ),
    }
    absences = {
        "no messages": (answered("OK", TotalCount=0, SmsSendDetailDTOs={"SmsSendDetailDTO": []}),),
        "somebody else's": (
            answered("OK", TotalCount="1", SmsSendDetailDTOs={"SmsSendDetailDTO": [{"OutId": "r-1", "SendStatus": 3}]}),
        ),
    }
