"""Ask providers to approve what they do not have: each wording once, at their pace, with the intent written down first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from notigate.errors import NotigateError, sentence
from notigate.model import Outcome, Scope, Status
from notigate.reviews.compare import Compared
from notigate.reviews.digests import digest_of
from notigate.settings.codes import Submitted, codes, note

if TYPE_CHECKING:
    from notigate.language import Told
    from notigate.plugin import Channel, Wording

DAY = timedelta(days=1)
Result: TypeAlias = Literal["approved", "reviewing", "submitted", "to-submit", "refused", "unknown", "waits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What came of one text."""

    channel: str
    occasion: str
    locale: str
    #: `approved` and `reviewing` need nothing; `submitted`, or in a rehearsal `to-submit`; `waits` for a person or a day
    result: Result
    #: the provider's; where it was submitted, the new one
    code: str = ""
    told: Told | None = None
    #: the settings name another code, which goes before the new one
    to_settings: bool = False

    @property
    def well(self) -> bool:
        """Is there nothing for a person to do?"""
        return self.result in {"approved", "reviewing", "submitted", "to-submit"}


class Pusher:
    """Submits the texts of one project.

    Args:
        folder: the project's, where `template-codes.yaml` lies.
        now: the real time.
        sleep: waits so many seconds; False says that it is to end now.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], sleep: Callable[[float], bool]) -> None:
        self._folder = folder
        self._now = now
        self._sleep = sleep
        #: codes that came from `template-codes.yaml`, not from the settings
        self._ours = {
            one.code for found in codes(folder).values() for texts in found.values() for one in texts.values()
        }

    def push(
        self, channel: Channel, compared: Sequence[tuple[Compared, Wording]], *, dry_run: bool
    ) -> Iterator[Pushed]:
        """Submit what the provider of one channel lacks, one after the other.

        Raises:
            NotigateError: `template-codes.yaml` cannot be read or written.
        """
        pause = 0.0
        for one, wording in compared:
            if told := self._decided(channel, one, dry_run=dry_run):
                yield told
                continue
            if pause and not self._sleep(pause):
                return
            outcome = self._asked(channel, one, wording)
            pause = channel.limits.submit_pause
            yield self._told(one, outcome)
            if outcome.scope is Scope.CHANNEL:
                return

    def _decided(self, channel: Channel, one: Compared, *, dry_run: bool) -> Pushed | None:
        """What becomes of a text that is not to be submitted now; None when it is."""
        if one.same and one.state in {"approved", "reviewing"}:
            return _pushed(one, "approved" if one.state == "approved" else "reviewing")
        if told := self._obstacle(channel, one):
            return _pushed(one, "waits", told=told)
        return _pushed(one, "to-submit", to_settings=self._in_settings(one)) if dry_run else None

    def _obstacle(self, channel: Channel, one: Compared) -> Told | None:
        """Why a person must look first, or the day be over."""
        if one.state == "unasked":
            return one.notes[0]
        if one.same and one.state == "rejected":
            return _REJECTED
        if (entry := self._entry(one)) and entry.wording == digest_of(one.ours):
            if not entry.answered:
                return _DOUBTFUL
            if entry.code != one.code:
                return NotigateError(_ELSEWHERE, code=entry.code, other=one.code)
        daily = channel.limits.submit_daily
        if daily is not None and self._today(one.channel) >= daily:
            return NotigateError("the provider takes {daily} a day; push again tomorrow", daily=daily)
        return None

    def _asked(self, channel: Channel, one: Compared, wording: Wording) -> Outcome:
        """Submit one text. The intent is written down first: who dies in between must not submit it again."""
        before = self._entry(one)
        intent = Submitted(wording=digest_of(one.ours), at=self._now(), code=before.code if before else "")
        self._note(one, replace(intent, answered=False))
        outcome = channel.submit(wording)
        if outcome.status is Status.ACCEPTED and outcome.provider_id:
            self._note(one, replace(intent, code=outcome.provider_id))
        elif outcome.status in {Status.BUSY, Status.REFUSED}:
            self._note(one, before)
        return outcome

    def _told(self, one: Compared, outcome: Outcome) -> Pushed:
        detail = NotigateError("{detail}", detail=outcome.detail)
        match outcome.status:
            case Status.ACCEPTED if outcome.provider_id:
                return _pushed(one, "submitted", code=outcome.provider_id, to_settings=self._in_settings(one))
            case Status.BUSY | Status.REFUSED:
                return _pushed(one, "refused", told=detail)
            case _:
                return _pushed(one, "unknown", told=_DOUBTFUL)

    def _entry(self, one: Compared) -> Submitted | None:
        return codes(self._folder).get(one.channel, {}).get(one.occasion, {}).get(one.locale)

    def _note(self, one: Compared, submitted: Submitted | None) -> None:
        note(self._folder, one.channel, one.occasion, one.locale, submitted)

    def _today(self, channel: str) -> int:
        since = self._now() - DAY
        return sum(one.at > since for texts in codes(self._folder).get(channel, {}).values() for one in texts.values())

    def _in_settings(self, one: Compared) -> bool:
        """Do the settings name a code themselves, which goes before a new one?"""
        return bool(one.code) and one.code not in self._ours


_ELSEWHERE = sentence(
    "it was submitted as {code}, and notigate.yaml names {other}: write {code} there, under templates: of the channel"
)
_REJECTED = NotigateError("the reviewers rejected these very words; change them")
_DOUBTFUL = NotigateError(
    "nobody knows whether the provider took it: look in its console, then write its code into template-codes.yaml, or "
    "remove the entry there to submit it again"
)


def _pushed(
    one: Compared, result: Result, *, code: str = "", told: Told | None = None, to_settings: bool = False
) -> Pushed:
    return Pushed(
        channel=one.channel, occasion=one.occasion, locale=one.locale, result=result, code=code or one.code, told=told,
        to_settings=to_settings,
    )  # fmt: skip
