"""Does Aliyun know an attempt? QuerySendDetails lists one number's messages of one day; ours carries our OutId."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from notigate.plugin import Answer, Attempt, Finding, Outcome, Presence, Reason
from notigate_sms_aliyun.clock import CHINA
from notigate_sms_aliyun.codes import RECEIPTS, STILL_OPEN
from notigate_sms_aliyun.rules import number
from notigate_sms_aliyun.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notigate_sms_aliyun.api import Api

#: days back that the provider answers for
KEPT = 30
PAGE_SIZE = 50
#: nobody gets more than forty messages a day; a longer list is not what we asked for
PAGES = 20
#: this near to midnight, the provider may count the message to the neighbouring day
NEAR_MIDNIGHT = timedelta(hours=1)

#: `SendStatus`; 1 waits for the carrier
_FAILED, _DELIVERED = "2", "3"


def find(api: Api, attempt: Attempt) -> Finding:
    """Look on every day that the provider may have counted the attempt to.

    Absent needs each of them read in full; rows without any OutId could be ours, so they prove nothing.
    """
    today = api.now().astimezone(CHINA).date()
    answers = []
    for day in _days(attempt.started_at.astimezone(CHINA), today):
        if (today - day).days >= KEPT:
            return Finding.inconclusive(f"older than the {KEPT} days the provider answers for")
        answers.append(_on(api, attempt, day))
        if answers[-1].presence is Presence.FOUND:
            return answers[-1]
    return next((answer for answer in answers if answer.presence is Presence.INCONCLUSIVE), Finding.absent())


def _days(started: datetime, today: date) -> list[date]:
    """The day of the attempt, and its near neighbour; the provider refuses neighbours that have not begun."""
    near = {(started + shift).date() for shift in (-NEAR_MIDNIGHT, NEAR_MIDNIGHT)} - {started.date()}
    return [started.date(), *(day for day in near if day <= today)]


def _on(api: Api, attempt: Attempt, day: date) -> Finding:
    seen, total, all_named = 0, 0, True
    for page in range(1, PAGES + 1):
        answer = _page(api, attempt, day, page)
        if isinstance(answer, Finding):
            return answer
        total, rows = answer
        for row in rows:
            if row.get("OutId") == attempt.reference:
                return _found(row, attempt)
            all_named = all_named and bool(row.get("OutId"))
        seen += len(rows)
        if seen >= total or not rows:
            break
    if not all_named:
        return Finding.inconclusive("the provider lists messages without their OutId")
    return Finding.absent() if seen == total else Finding.inconclusive(f"{seen} of {total} messages listed")


def _page(api: Api, attempt: Attempt, day: date, page: int) -> tuple[int, Sequence[Mapping[str, Any]]] | Finding:
    question = {
        "PhoneNumber": number(attempt.to),
        "SendDate": f"{day:%Y%m%d}",
        "PageSize": str(PAGE_SIZE),
        "CurrentPage": str(page),
    }
    answer = api.ask("QuerySendDetails", question)
    if isinstance(answer, Outcome):
        return Finding.inconclusive(answer.detail)
    if answer.status != HTTPStatus.OK or answer.body.get("Code") != "OK":
        return Finding.inconclusive(judge(answer, api.now()).detail)
    return _list(answer)


def _list(answer: Answer) -> tuple[int, Sequence[Mapping[str, Any]]] | Finding:
    """The total (a number or a string) and this page's rows."""
    try:
        total = int(answer.body["TotalCount"])
        rows = (answer.body.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
    except (KeyError, TypeError, ValueError, AttributeError):
        return Finding.inconclusive("the provider's list cannot be read")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return Finding.inconclusive("the provider's list cannot be read")
    return total, rows


def _found(row: Mapping[str, Any], attempt: Attempt) -> Finding:
    """The row does not hold the BizId; what the attempt knew of it stays."""
    status, code = str(row.get("SendStatus")), row.get("ErrCode")
    if status == _DELIVERED:
        return Finding.found(attempt.provider_id, arrived=True)
    if status != _FAILED or code in STILL_OPEN:
        return Finding.found(attempt.provider_id)
    reason, detail = RECEIPTS.get(str(code), (Reason.UNCLEAR, "the carrier's reason is not documented"))
    return Finding.found(attempt.provider_id, arrived=False, reason=reason, detail=detail)
