"""What Aliyun's reviewers say of signatures and templates, and the questions of `doctor`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from notigate.plugin import Answer, Check, NotigateError, Outcome
from notigate_sms_aliyun.clock import drift, offset
from notigate_sms_aliyun.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notigate_sms_aliyun.api import Api

#: the provider refuses requests that are further off than this, in seconds
TOLERANCE = 15 * 60
_STATES = {"0": "reviewing", "1": "approved", "2": "rejected", "10": "cancelled"}
_TYPES = {"0": "verification", "1": "notification", "2": "promotion", "3": "international"}
#: `RegisterStatus`: the real-name registration of a signature at each carrier
_REGISTRATIONS = {
    "3": "registered", "1": "registered, being verified", "0": "failed", "2": "lapsed", "-1": "in progress", "-2": "none",
}  # fmt: skip
_REGISTERED = ("3", "1")
#: `VariableAttribute` → our word for the kind of value; a value that does not fit is refused
KINDS = {
    "name": "name", "user_nick": "name", "phone_number2": "phone", "phone_number": "phone",
    "others": "text", "characterWithNumber": "text",
}  # fmt: skip
_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: the provider moves accounts from one set of calls to the other
_WITHDRAWN = ("isv.INTERFACE_OFFLINE", "InvalidAction.NotFound")
_NO_TEMPLATE = "isv.SMS_TEMPLATE_ILLEGAL"
_NO_SIGN = ("isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL", "isv.SIGN_NAME_ILLEGAL", "isv.SIGN_STATE_ILLEGAL")


def template(api: Api, code: str) -> Mapping[str, str] | None:
    """The approved copy: text, state, type, name, variables (comma-separated) and the reviewers' reason.

    Raises:
        NotigateError: the provider could not be asked, so nobody knows whether it exists.
    """
    answer = _ask(api, ("GetSmsTemplate", "QuerySmsTemplate"), {"TemplateCode": code})
    if isinstance(answer, Answer) and answer.body.get("Code") == "OK" and "TemplateContent" in answer.body:
        return _template(answer.body)
    if isinstance(answer, Answer) and answer.body.get("Code") == _NO_TEMPLATE:
        return None
    raise NotigateError(
        "template {code} cannot be read at the provider: {detail}", code=code, detail=_outcome(api, answer).detail
    )


def check(api: Api, sign_name: str) -> Sequence[Check]:
    """Ask for the signature: an answer shows the way, the credentials, the clock and the signature's state."""
    answer = _ask(api, ("GetSmsSign", "QuerySmsSign"), {"SignName": sign_name})
    if isinstance(answer, Outcome):
        return (Check(name="reachable", ok=False, detail=answer.detail, advice="check endpoint, proxy and network"),)
    return (Check(name="reachable", ok=True), _clock(api, answer), *_account(api, answer, sign_name))


def _ask(api: Api, actions: Sequence[str], params: Mapping[str, str]) -> Answer | Outcome:
    """By the first call that this account still or already has."""
    for action in actions:
        answer = api.ask(action, params)
        if isinstance(answer, Outcome) or answer.body.get("Code") not in _WITHDRAWN:
            break
    return answer


def _outcome(api: Api, answer: Answer | Outcome) -> Outcome:
    return answer if isinstance(answer, Outcome) else judge(answer, api.now())


def _template(body: Mapping[str, Any]) -> Mapping[str, str]:
    text = str(body.get("TemplateContent", ""))
    return {
        "text": text,
        "state": _word(_STATES, body.get("TemplateStatus")),
        "type": _word(_TYPES, body.get("TemplateType")),
        "name": str(body.get("TemplateName", "")),
        "variables": ",".join(dict.fromkeys(_VARIABLE.findall(text))),
        "reason": _reason(body),
        "attributes": _attributes(body.get("VariableAttribute")),
        "signatures": ",".join(_signatures(body)),
    }


def _attributes(written: object) -> str:
    """`param=kind`: with our word for the kinds that we know, else with the provider's."""
    try:
        attributes = json.loads(str(written or "{}"))
    except ValueError:
        return ""
    if not isinstance(attributes, dict):
        return ""
    return ",".join(f"{name}={KINDS.get(str(attribute), attribute)}" for name, attribute in attributes.items())


def _signatures(body: Mapping[str, Any]) -> Sequence[str]:
    """Those that it was submitted with."""
    listed = body.get("SignList")
    names = listed.get("SignList") if isinstance(listed, dict) else None
    related = [body.get("RelatedSignName"), *(names if isinstance(names, list) else ())]
    return list(dict.fromkeys(str(name) for name in related if name))


def _word(words: Mapping[str, str], figure: object) -> str:
    """One call answers with numbers, its successor with strings."""
    return words.get(str(figure), "unclear")


def _reason(body: Mapping[str, Any]) -> str:
    audit = body.get("AuditInfo")
    return str((audit.get("RejectInfo") if isinstance(audit, dict) else body.get("Reason")) or "")


def _clock(api: Api, answer: Answer) -> Check:
    now = api.now()
    seconds = offset(answer, now)
    near = seconds is None or abs(seconds) < TOLERANCE / 3
    advice = "" if near else f"set the clock: the provider refuses requests that are {TOLERANCE // 60} minutes off"
    return Check(name="clock", ok=near, detail=drift(answer, now), advice=advice)


def _account(api: Api, answer: Answer, sign_name: str) -> Sequence[Check]:
    code = answer.body.get("Code")
    good = Check(name="credentials", ok=True)
    if code == "OK":
        state = _word(_STATES, answer.body.get("SignStatus"))
        approved = state == "approved"
        advice = "" if approved else f"messages are refused until it is approved. {_reason(answer.body)}".strip()
        signature = Check(name="signature", ok=approved, detail=f"{sign_name}: {state}", advice=advice)
        return good, signature, *(_registration(answer.body, sign_name) if approved else ())
    if code in _NO_SIGN:
        advice = "set sign_name to a signature of this account"
        return good, Check(name="signature", ok=False, detail=f"{sign_name}: {code}", advice=advice)
    detail = _outcome(api, answer).detail
    return (
        Check(name="credentials", ok=False, detail=detail, advice="check the access key, its rights and the account"),
    )


def _registration(body: Mapping[str, Any], sign_name: str) -> Sequence[Check]:
    """What the carriers say, where Aliyun tells: they block the messages of a signature that they do not know."""
    details = body.get("SignIspRegisterDetailList")
    told = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    if not told:
        return ()
    states = {str(one.get("OperatorCode")): str(one.get("RegisterStatus")) for one in told}
    ok = all(state in _REGISTERED for state in states.values())
    shown = ", ".join(f"{carrier} {_word(_REGISTRATIONS, state)}" for carrier, state in states.items())
    advice = "" if ok else "carriers block what an unregistered signature sends; registration takes 5 to 10 workdays"
    return (Check(name="registration", ok=ok, detail=f"{sign_name}: {shown}", advice=advice),)
