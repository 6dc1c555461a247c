"""From the provider's answer to an outcome."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from notigate.plugin import Answer, Outcome, Reason, Scope
from notigate_sms_aliyun.clock import drift, until_next_month, until_tomorrow
from notigate_sms_aliyun.codes import REFUSAL_FAMILIES, REFUSALS, WINDOWS

if TYPE_CHECKING:
    from datetime import datetime

#: what a code looks like; anything else is not repeated, it might hold a number
_CODE = re.compile(r"[A-Za-z]+(?:[._][A-Za-z]+)*")


def judge(answer: Answer, now: datetime, people: int = 1) -> Outcome:
    """Read the answer to a call that sends to `people` numbers.

    Accepted is only `Code` OK with a `BizId`. Refused is only what the provider documents as a refusal; in a call for
    one person nothing concerns "somebody". Limits, `Throttling*` and `ServiceUnavailable` are read as not carried out:
    busy. All else may have gone out: `isp.*`, `InternalError`, a used nonce (the first copy may have arrived), and
    every code that is not documented, `isv.*` too: a new one could stand for anything.
    """
    code = answer.body.get("Code")
    if code == "OK":
        return _success(answer)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return _nameless(answer)
    return _limit(code, answer, now, people) or _refusal(code, answer, now, people) or Outcome.unknown(code)


def _success(answer: Answer) -> Outcome:
    reference = answer.body.get("BizId")
    if answer.status == HTTPStatus.OK and isinstance(reference, str) and reference:
        return Outcome.accepted(reference)
    return Outcome.unknown(f"HTTP {answer.status}: OK without a reference")


def _nameless(answer: Answer) -> Outcome:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and not answer.body.get("Code"):
        return Outcome.busy(Reason.THROTTLED, "HTTP 429", retry_after=_number(answer, "retry-after"))
    return Outcome.unknown(f"HTTP {answer.status} without a code")


def _limit(code: str, answer: Answer, now: datetime, people: int) -> Outcome | None:
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        return _frequency(code, answer, people)
    if code == "isv.DAY_LIMIT_CONTROL":
        return Outcome.busy(Reason.THROTTLED, f"{code}: the account's daily limit", retry_after=until_tomorrow(now))
    if code == "isv.MONTH_LIMIT_CONTROL":
        return Outcome.busy(Reason.THROTTLED, f"{code}: the account's monthly limit", retry_after=until_next_month(now))
    if code.startswith("Throttling"):
        return Outcome.busy(Reason.THROTTLED, code, retry_after=_pause(answer), scope=Scope.CHANNEL)
    if code == "ServiceUnavailable":
        return Outcome.busy(Reason.UNAVAILABLE, code, retry_after=_pause(answer))
    return None


def _frequency(code: str, answer: Answer, people: int) -> Outcome:
    """One number has had its share; the others of the call must not wait for it."""
    detail = f"{code}: too many messages to one number"
    if people > 1:
        return Outcome.refused(Reason.THROTTLED, detail, scope=Scope.CALL)
    words = str(answer.body.get("Message"))
    wait = next((seconds for word, seconds in WINDOWS.items() if word in words), None)
    return Outcome.busy(Reason.THROTTLED, detail, retry_after=wait)


def _refusal(code: str, answer: Answer, now: datetime, people: int) -> Outcome | None:
    family = next((entry for prefix, entry in REFUSAL_FAMILIES if code.startswith(prefix)), None)
    if (entry := REFUSALS.get(code, family)) is None:
        return None
    reason, scope, hint = entry
    if scope is Scope.CALL and people == 1:
        scope = Scope.MESSAGE
    if code == "InvalidTimeStamp.Expired":
        hint = f"{hint}, {drift(answer, now)}"
    return Outcome.refused(reason, f"{code}: {hint}", scope=scope)


def _pause(answer: Answer) -> float | None:
    """Seconds from the provider's own header, which counts milliseconds."""
    pause = _number(answer, "x-acs-retry-after")
    return pause and pause / 1000


def _number(answer: Answer, header: str) -> float | None:
    value = answer.headers.get(header, "")
    return float(value) if value.isascii() and value.isdigit() else None
