"""What Aliyun's reviewers say of signatures and templates, and the questions of `doctor`."""

from __future__ import annotations

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
    if isinstance(answer, Answer) and answer.body.get("Code") == "OK":
        return _template(answer.body)
    if isinstance(answer, Answer) and answer.body.get("Code") == _NO_TEMPLATE:
        return None
    raise NotigateError(
        "template {code} cannot be read at the provider: {detail}", code=code, detail=_outcome(api, answer).detail
    )


def check(api: Api, sign_name: str) -> Sequence[Check]:
    """Ask for the signature: an answer shows the way, the credentials, the clock and the signature's state."""
    answer = _ask(api, ("QuerySmsSign", "GetSmsSign"), {"SignName": sign_name})
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
    }


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
        return good, Check(name="signature", ok=approved, detail=f"{sign_name}: {state}", advice=advice)
    if code in _NO_SIGN:
        advice = "set sign_name to a signature of this account"
        return good, Check(name="signature", ok=False, detail=f"{sign_name}: {code}", advice=advice)
    detail = _outcome(api, answer).detail
    return (
        Check(name="credentials", ok=False, detail=detail, advice="check the access key, its rights and the account"),
    )
