"""What an alarm says on a screen, in the language of whoever asks; what it says to those who are told stands in texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from notigate.errors import sentence
from notigate.language import _
from notigate.ledger.alarms import Kind

if TYPE_CHECKING:
    from notigate.alarms.seeing import Alarm

SENTENCES: Mapping[Kind, str] = {
    Kind.SILENCE: sentence("nothing has run for {number} minutes: is the cron job alive? See notigate cron"),
    Kind.EXIT: sentence("the last run ended badly, with exit code {number}; see notigate doctor"),
    Kind.UNUSABLE: sentence("the ledger cannot be used, and nothing was sent; see notigate doctor"),
    Kind.KILLED: sentence("run {about} was killed; what it had under way is asked for by the next one"),
    Kind.STOPPED: sentence("this could not be planned: {about}; see notigate doctor"),
    Kind.ROSTER: sentence("the roster cannot be read; see notigate roster check"),
    Kind.CREDENTIALS: sentence("channel {about} refused our credentials; see notigate doctor"),
    Kind.CREDIT: sentence("the balance of channel {about} is used up"),
    Kind.PROVIDER: sentence("channel {about} did not answer and was left alone; the next run tries again"),
    Kind.UNKNOWN: sentence("outcomes that are unknown: {number}; see notigate resolve"),
    Kind.APPROVAL: sentence("its hour came without an approval: {about}; see notigate approvals"),
    Kind.OVERDUE: sentence("messages that should have gone out an hour ago: {number}; run notigate send --due"),
    Kind.CALENDAR: sentence("the workdays of {about} are not known; see notigate doctor"),
    Kind.LEDGER: sentence("the ledger has grown to {number} MB; see notigate purge"),
    Kind.DISK: sentence("only {number} MB are free where the ledger stands; when it is full, nothing is sent"),
}


def told(alarm: Alarm) -> str:
    """One line."""
    line = _(SENTENCES[alarm.kind]).format(about=alarm.about, number=alarm.number)
    return f"{line} ({alarm.detail})" if alarm.detail else line
