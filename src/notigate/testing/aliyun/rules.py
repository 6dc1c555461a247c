"""What Aliyun checks before it takes a message, as far as it is documented.

Source: Aliyun's reference of SendSms and SendBatchSms, its rules for variables, billing and sending frequency.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from notigate.testing.aliyun.signatures import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CHINA = timezone(timedelta(hours=8))
#: `TemplateStatus` and `SignStatus`
REVIEWING, APPROVED, REJECTED, CANCELLED = 0, 1, 2, 10
#: `TemplateType`
VERIFICATION, NOTIFICATION, PROMOTION, INTERNATIONAL = 0, 1, 2, 3

_MAINLAND = re.compile(r"(?:\+?86|0086|\+)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"[1-9][0-9]{6,14}")
_LINK = re.compile(r"https?://|www\.|[a-z0-9]\.(com|cn|net|org)\b", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: GSM 03.38: its table, and what takes two places
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = "\f^{}\\[~]|€"
#: window, its word in the message, messages allowed
_PER_NUMBER = ((timedelta(days=1), "天", 40),)
_PER_CODE = ((timedelta(minutes=1), "分钟", 1), (timedelta(hours=1), "小时", 5), (timedelta(days=1), "天", 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template in the account."""

    text: str
    status: int = APPROVED
    type: int = NOTIFICATION
    name: str = "示例模板"
    #: why the reviewers rejected it
    reason: str = ""
    #: variable → attribute; those that are not named take anything
    attributes: Mapping[str, str] = field(default_factory=dict)
    #: the signature that it was submitted with
    sign: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """Their names in order of appearance."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.text)))

    def filled(self, params: Mapping[str, str]) -> str:
        """The text that the reader sees, without the signature."""
        return _VARIABLE.sub(lambda match: params[match[1]], self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One accepted message."""

    phone: str
    sign: str
    template: str
    params: Mapping[str, str]
    #: with its signature, as the reader sees it
    text: str
    out_id: str
    biz_id: str
    at: datetime

    @property
    def units(self) -> int:
        """What it costs: in the mainland 70 characters are one message, longer ones count in steps of 67."""
        if _MAINLAND.fullmatch(self.phone) is None:
            return units_abroad(self.text)
        length = len(self.text.encode("utf-16-le")) // 2
        return 1 if length <= 70 else -(-length // 67)  # noqa: PLR2004 - the provider's figures


def units_abroad(text: str) -> int:
    """GSM 03.38 where it has every character (160, or 153 in each of several), else UCS-2 (70, 67); none is cut apart."""
    basic = all(character in _GSM or character in _GSM_TWO for character in text)
    single, several = (160, 153) if basic else (70, 67)
    units = [2 if character in _GSM_TWO else 1 for character in text]
    if not basic:
        units = [len(character.encode("utf-16-le")) // 2 for character in text]
    if sum(units) <= single:
        return 1
    messages = [0]
    for unit in units:
        if messages[-1] + unit > several:
            messages.append(0)
        messages[-1] += unit
    return len(messages)


def phone(text: str) -> str:
    """A phone number as the account keeps it."""
    mainland = _MAINLAND.fullmatch(text)
    if not mainland and not _ABROAD.fullmatch(text):
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号")
    return mainland[1] if mainland else text


def need(params: Mapping[str, str], *names: str) -> None:
    """Refuse a call that lacks one of these."""
    for name in names:
        if not params.get(name):
            raise Refusal(f"Missing{name}", f"{name} is mandatory for this action.", 400)


def whole(text: str) -> int:
    """A number parameter."""
    if not (text.isascii() and text.isdigit()):
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
    return int(text)


def day(text: str) -> date:
    """A `SendDate`."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=CHINA).date()
    except ValueError:
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常") from None


def parsed(text: str, kind: type) -> Any:  # noqa: ANN401 - whatever the caller sent, of the kind asked for
    """A JSON parameter."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise Refusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值")
    return value


def check_params(template: Template, params: Mapping[str, Any]) -> None:
    """Every variable has a fitting value; values for no variable are ignored."""
    for name in template.variables:
        if name not in params:
            raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS", "模板变量缺少对应参数值")
        value = params[name]
        if not isinstance(value, str):
            raise Refusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值")
        if not 1 <= len(value) <= 35:  # noqa: PLR2004 - the provider's figures
            raise Refusal("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制")
        if _LINK.search(value):
            raise Refusal("isv.PARAM_NOT_SUPPORT_URL", "不支持URL")
        if re.search(r"[\x00-\x1f【】]", value):
            raise Refusal("isv.TEMPLATE_PARAMS_ILLEGAL", "传入的变量内容和实际申请变量规则不匹配")


def submitted(params: Mapping[str, str], signs: Mapping[str, int]) -> Template:
    """A template as it is asked for; refused where it breaks a rule of form."""
    text, kind = params["TemplateContent"], whole(params["TemplateType"])
    variables = _VARIABLE.findall(text)
    attributes = parsed(params.get("TemplateRule", "{}"), dict)
    sign = params.get("RelatedSignName", "")
    if len(params["TemplateName"]) > 30 or not 1 <= len(text) <= 500:  # noqa: PLR2004 - the provider's figures
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
    if len(set(variables)) < len(variables) or set(attributes) != set(variables) or "}${" in text:
        raise Refusal("isv.INVALID_PARAMETERS", "模板变量不合法")
    if kind != INTERNATIONAL and signs.get(sign) != APPROVED:
        raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
    if kind == INTERNATIONAL and "IntlType" not in params:
        raise Refusal("MissingIntlType", "IntlType is mandatory for this action.", 400)
    return Template(
        text=text, status=REVIEWING, type=kind, name=params["TemplateName"], attributes=attributes, sign=sign
    )


def check_frequency(past: Sequence[Sent], message: Sent, codes: frozenset[str]) -> None:
    """Rolling windows over what the number got before; `codes` are the templates for verification."""
    _check(past, _PER_NUMBER, message.at)
    if message.template in codes:
        _check([old for old in past if old.template in codes and old.sign == message.sign], _PER_CODE, message.at)


def _check(past: Sequence[Sent], limits: Iterable[tuple[timedelta, str, int]], now: datetime) -> None:
    for window, word, most in limits:
        if sum(old.at > now - window for old in past) >= most:
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL", f"触发{word}级流控Permits:{most}")
