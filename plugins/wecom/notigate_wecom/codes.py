"""What WeCom's error codes mean for a message. Only `errcode` is read, never the HTTP status or the prose of `errmsg`.

Source: document 90313 (global error codes); the robot's 93xxx as its users report them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from notigate.plugin import Outcome, Reason, Scope


class Meaning(NamedTuple):
    """One row of the table. Where the reason is one that time heals, the message is busy, else refused."""

    reason: Reason
    hint: str
    #: None: bad credentials concern the whole channel, all else this message; where time heals, CHANNEL lets all wait
    scope: Scope | None = None
    #: seconds
    retry_after: float | None = None


#: answers to a call that was not executed because its access token is not, or no longer, good
STALE_TOKEN = frozenset({40001, 40014, 41001, 42001})
#: answers of gettoken that no repetition heals; repeated, they get the caller's address blocked for an hour
WRONG_SECRET = frozenset({40001, 40013, 40091, 41004})

MEANINGS: Mapping[int, Meaning] = {
    -1: Meaning(Reason.UNAVAILABLE, "WeCom is busy"),
    6000: Meaning(Reason.UNAVAILABLE, "somebody else changes the same data"),
    45009: Meaning(Reason.THROTTLED, "too many calls", Scope.CHANNEL, retry_after=60),
    45033: Meaning(Reason.THROTTLED, "too many calls at once", Scope.CHANNEL),
    40003: Meaning(Reason.BAD_ADDRESS, "no valid user id", Scope.CALL),
    40031: Meaning(Reason.BAD_ADDRESS, "no valid list of user ids", Scope.CALL),
    46004: Meaning(Reason.BAD_ADDRESS, "no such member", Scope.CALL),
    60111: Meaning(Reason.BAD_ADDRESS, "no such member", Scope.CALL),
    81013: Meaning(Reason.BAD_ADDRESS, "none of the readers can be reached by this application"),
    40032: Meaning(Reason.BAD_CONTENT, "too many readers in one call", Scope.CALL),
    40008: Meaning(Reason.BAD_CONTENT, "message type not accepted"),
    40033: Meaning(Reason.BAD_CONTENT, "characters not accepted"),
    40035: Meaning(Reason.BAD_CONTENT, "parameters not accepted"),
    40039: Meaning(Reason.BAD_CONTENT, "a link is too long"),
    40058: Meaning(Reason.BAD_CONTENT, "parameters not accepted"),
    40063: Meaning(Reason.BAD_CONTENT, "the text is empty"),
    44004: Meaning(Reason.BAD_CONTENT, "the text is empty"),
    45002: Meaning(Reason.BAD_CONTENT, "the text is too long"),
    40001: Meaning(Reason.BAD_CREDENTIALS, "the secret is wrong"),
    40013: Meaning(Reason.BAD_CREDENTIALS, "corp_id is wrong"),
    40014: Meaning(Reason.BAD_CREDENTIALS, "a new access token is refused"),
    40056: Meaning(Reason.BAD_CREDENTIALS, "agent_id is wrong"),
    40091: Meaning(Reason.BAD_CREDENTIALS, "the secret is wrong"),
    41001: Meaning(Reason.BAD_CREDENTIALS, "the access token did not reach WeCom"),
    41004: Meaning(Reason.BAD_CREDENTIALS, "the secret is missing"),
    41011: Meaning(Reason.BAD_CREDENTIALS, "agent_id is missing"),
    42001: Meaning(Reason.BAD_CREDENTIALS, "a new access token has expired already"),
    48001: Meaning(Reason.BAD_CREDENTIALS, "the application may not use this interface"),
    48002: Meaning(Reason.BAD_CREDENTIALS, "the application may not use this interface"),
    48004: Meaning(Reason.BAD_CREDENTIALS, "the interface is blocked for this application"),
    50003: Meaning(Reason.BAD_CREDENTIALS, "the application is switched off"),
    60011: Meaning(Reason.BAD_CREDENTIALS, "the application lacks the right"),
    60020: Meaning(Reason.BAD_CREDENTIALS, "this machine's address is not on the application's trusted list"),
    93000: Meaning(Reason.BAD_CREDENTIALS, "the webhook's key is wrong or the robot was removed"),
    93004: Meaning(Reason.BAD_CREDENTIALS, "the robot is switched off"),
    93008: Meaning(Reason.BAD_CREDENTIALS, "the robot is not in the group"),
    301002: Meaning(Reason.BAD_CREDENTIALS, "agent_id and secret belong to different applications"),
}


def judge(code: int | None) -> Outcome:
    """The outcome of a call answered by `code`, which is not 0; None where the answer has no code."""
    if code is None:
        return Outcome.unknown("an answer without errcode")
    meaning = MEANINGS.get(code)
    if meaning is None:
        return Outcome.unknown(f"errcode {code}")
    detail = f"errcode {code}: {meaning.hint}"
    if meaning.reason in (Reason.THROTTLED, Reason.UNAVAILABLE):
        return Outcome.busy(
            meaning.reason, detail, retry_after=meaning.retry_after, scope=meaning.scope or Scope.MESSAGE
        )
    return Outcome.refused(meaning.reason, detail, scope=meaning.scope)
