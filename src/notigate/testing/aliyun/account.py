"""What one Aliyun account has and does: signatures, templates, a balance, and the messages it took."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from notigate.testing.aliyun import rules
from notigate.testing.aliyun.rules import CHINA, Sent, Template
from notigate.testing.aliyun.signatures import Refusal

Params: TypeAlias = Mapping[str, str]
Body: TypeAlias = dict[str, Any]
#: number, signature, values
Order: TypeAlias = tuple[str, str, Mapping[str, Any]]

#: numbers in one call
MOST_SINGLE, MOST_BATCH = 1000, 100
LONGEST_OUT_ID = 255
PAGE_SIZE = 50
#: days that QuerySendDetails looks back
KEPT = 30
#: `SendStatus`
WAITING, FAILED, DELIVERED = 1, 2, 3


class Account:
    """Each of the `actions`, named as Aliyun names them, returns its answer's own fields or raises `Refusal`."""

    def __init__(
        self,
        signs: Mapping[str, int],
        templates: Mapping[str, Template],
        balance: int | None,
        now: Callable[[], datetime],
    ) -> None:
        self.signs, self.templates, self.balance, self.now = signs, templates, balance, now
        self.sent: list[Sent] = []
        #: phone → the carrier's `ErrCode`, empty while it says nothing; all other messages arrive
        self.carrier: dict[str, str] = {}
        #: how long a message stays out of QuerySendDetails
        self.lag = timedelta(0)
        #: carrier → `RegisterStatus` of every signature
        self.registered: dict[str, int] = {"mobile": 3, "unicom": 3, "telecom": 3}
        #: between two new templates, and how many a day
        self.submit_pause, self.submit_daily = timedelta(seconds=30), 100
        self._submitted: list[datetime] = []
        self._by_phone: defaultdict[str, list[Sent]] = defaultdict(list)
        self._verification = frozenset(code for code, one in templates.items() if one.type == rules.VERIFICATION)
        self.actions: Mapping[str, Callable[[Params], Body]] = {
            "SendSms": self._send_sms,
            "SendBatchSms": self._send_batch_sms,
            "QuerySendDetails": self._query_send_details,
            "CreateSmsTemplate": self._create_sms_template,
            "GetSmsTemplate": self._get_sms_template,
            "QuerySmsTemplate": self._query_sms_template,
            "GetSmsSign": self._get_sms_sign,
            "QuerySmsSign": self._query_sms_sign,
        }

    def reports(self) -> list[Body]:
        """The receipts (`SmsReport`) of the messages whose carrier has spoken."""
        return [_report(message, code) for message in self.sent if (code := self._receipt(message))]

    def _receipt(self, message: Sent) -> str:
        return self.carrier.get(message.phone, "DELIVERED")

    def _send_sms(self, params: Params) -> Body:
        rules.need(params, "PhoneNumbers", "SignName", "TemplateCode")
        phones = params["PhoneNumbers"].split(",")
        if len(phones) > MOST_SINGLE:
            raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
        values = rules.parsed(params.get("TemplateParam", "{}"), dict)
        return self._accept(params, [(one, params["SignName"], values) for one in phones])

    def _send_batch_sms(self, params: Params) -> Body:
        rules.need(params, "PhoneNumberJson", "SignNameJson", "TemplateCode")
        phones, signs = rules.parsed(params["PhoneNumberJson"], list), rules.parsed(params["SignNameJson"], list)
        values: list[Any] = [{} for _ in phones]
        if "TemplateParamJson" in params:
            values = rules.parsed(params["TemplateParamJson"], list)
        if len(phones) > MOST_BATCH:
            raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
        if not len(phones) == len(signs) == len(values) or not all(isinstance(one, dict) for one in values):
            raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
        return self._accept(params, list(zip(phones, signs, values, strict=True)))

    def _accept(self, params: Params, orders: list[Order]) -> Body:
        """All of them, or none."""
        if len(params.get("OutId", "")) > LONGEST_OUT_ID:
            raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
        template = self.templates.get(params["TemplateCode"])
        if template is None or template.status != rules.APPROVED:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
        biz_id = f"{secrets.randbelow(10**18):018}^0"
        messages = [self._message(params, order, template, biz_id) for order in orders]
        new: defaultdict[str, list[Sent]] = defaultdict(list)
        for message in messages:
            past = self._by_phone[message.phone] + new[message.phone]
            rules.check_frequency(past, message, self._verification)
            new[message.phone].append(message)
        self._charge(sum(message.units for message in messages))
        self.sent.extend(messages)
        for number, some in new.items():
            self._by_phone[number].extend(some)
        return {"BizId": biz_id}

    def _message(self, params: Params, order: Order, template: Template, biz_id: str) -> Sent:
        number, sign, values = order
        self._check_sign(sign)
        rules.check_params(template, values)
        return Sent(
            phone=rules.phone(number),
            sign=sign,
            template=params["TemplateCode"],
            params=values,
            text=f"【{sign}】{template.filled(values)}",
            out_id=params.get("OutId", ""),
            biz_id=biz_id,
            at=self.now(),
        )

    def _check_sign(self, sign: str) -> None:
        if sign not in self.signs:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        if self.signs[sign] != rules.APPROVED:
            raise Refusal("isv.SIGN_STATE_ILLEGAL", "签名状态不合法")

    def _charge(self, units: int) -> None:
        if self.balance is None:
            return
        if units > self.balance:
            raise Refusal("isv.AMOUNT_NOT_ENOUGH", "账户余额不足")
        self.balance -= units

    def _query_send_details(self, params: Params) -> Body:
        rules.need(params, "PhoneNumber", "SendDate", "PageSize", "CurrentPage")
        size, page, day = (
            rules.whole(params["PageSize"]),
            rules.whole(params["CurrentPage"]),
            rules.day(params["SendDate"]),
        )
        age = (self.now().astimezone(CHINA).date() - day).days
        if not 1 <= size <= PAGE_SIZE or page < 1 or not 0 <= age <= KEPT:
            raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
        seen = self.now() - self.lag
        found = [
            message
            for message in reversed(self._by_phone[rules.phone(params["PhoneNumber"])])
            if message.at.astimezone(CHINA).date() == day
            and message.at <= seen
            and params.get("BizId") in (None, "", message.biz_id)
        ]
        shown = [_row(message, self._receipt(message)) for message in found[(page - 1) * size : page * size]]
        return {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}

    def _query_sms_template(self, params: Params) -> Body:
        rules.need(params, "TemplateCode")
        if (template := self.templates.get(params["TemplateCode"])) is None:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
        return {
            "TemplateCode": params["TemplateCode"],
            "TemplateName": template.name,
            "TemplateContent": template.text,
            "TemplateStatus": template.status,
            "TemplateType": template.type,
            "Reason": template.reason,
        }

    def _get_sms_template(self, params: Params) -> Body:
        """The successor answers with strings."""
        body = self._query_sms_template(params)
        template = self.templates[params["TemplateCode"]]
        attributes = dict.fromkeys(template.variables, "characterWithNumber") | dict(template.attributes)
        return body | {
            "TemplateStatus": str(body["TemplateStatus"]),
            "TemplateType": str(body["TemplateType"]),
            "AuditInfo": {"RejectInfo": body.pop("Reason")},
            "VariableAttribute": json.dumps(attributes),
            "RelatedSignName": template.sign,
            "SignList": {"SignList": [template.sign] if template.sign else []},
        }

    def _create_sms_template(self, params: Params) -> Body:
        """A new template, under review; the reviewers are the test's own: change `templates`."""
        rules.need(params, "TemplateName", "TemplateType", "TemplateContent")
        now = self.now()
        today = [at for at in self._submitted if at > now - timedelta(days=1)]
        if len(today) >= self.submit_daily or any(now - at < self.submit_pause for at in today):
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:100")
        template = rules.submitted(params, self.signs)
        self._submitted.append(now)
        code = f"SMS_{700_000_000 + len(self.templates)}"
        self.templates = {**self.templates, code: template}
        return {"TemplateCode": code, "TemplateName": template.name, "OrderId": code.removeprefix("SMS_")}

    def _query_sms_sign(self, params: Params) -> Body:
        rules.need(params, "SignName")
        if (status := self.signs.get(params["SignName"])) is None:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        return {"SignName": params["SignName"], "SignStatus": status, "Reason": ""}

    def _get_sms_sign(self, params: Params) -> Body:
        body = self._query_sms_sign(params)
        carriers = [{"OperatorCode": name, "RegisterStatus": status} for name, status in self.registered.items()]
        return body | {"AuditInfo": {"RejectInfo": body.pop("Reason")}, "SignIspRegisterDetailList": carriers}


def _row(message: Sent, code: str) -> Body:
    """A line of QuerySendDetails; while the carrier says nothing it has neither `ErrCode` nor `ReceiveDate`."""
    row = {
        "PhoneNum": message.phone,
        "TemplateCode": message.template,
        "Content": message.text,
        "SendDate": _local(message.at),
        "OutId": message.out_id,
        "SendStatus": WAITING,
    }
    if not code:
        return row
    status = DELIVERED if code == "DELIVERED" else FAILED
    return row | {"SendStatus": status, "ErrCode": code, "ReceiveDate": _local(message.at + timedelta(seconds=4))}


def _report(message: Sent, code: str) -> Body:
    return {
        "phone_number": message.phone,
        "send_time": _local(message.at),
        "report_time": _local(message.at + timedelta(seconds=4)),
        "success": code == "DELIVERED",
        "err_code": code,
        "err_msg": "用户接收成功" if code == "DELIVERED" else code,
        "sms_size": str(message.units),
        "biz_id": message.biz_id,
        "out_id": message.out_id,
    }


def _local(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
