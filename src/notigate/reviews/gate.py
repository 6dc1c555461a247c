"""Nothing goes out whose words are not those that were approved: asked once in a while, remembered in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from notigate.errors import NotigateError, TemplateError
from notigate.language import translate
from notigate.ledger.reviewed import Reviewed, recall, remember
from notigate.reviews.digests import digest_of

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.plugin import Channel

log = logging.getLogger("notigate")

#: a good word is believed so long, any other only so long: reviewers may have answered meanwhile
BELIEVED, DOUBTED = timedelta(hours=6), timedelta(minutes=15)
#: a verdict stands so long without another look; who does not answer is left alone so long
FRESH = timedelta(minutes=1)
#: states that prove that the provider would refuse the text, or send another
REFUSED = frozenset({"reviewing", "rejected", "cancelled", "missing"})


class Gate:
    """Knows why the words of an SMS may not go out by a channel.

    Args:
        ledger: opens the ledger, which remembers what providers said.
        channel: from a channel's name to the channel; raises NotigateError.
        now: the real time.
        mode: `strict` stops; `warn` tells the log and lets pass; `off` looks at nothing.
    """

    def __init__(
        self,
        ledger: Callable[[], Ledger],
        channel: Callable[[str], Channel],
        now: Callable[[], datetime],
        mode: Literal["strict", "warn", "off"],
    ) -> None:
        #: may providers be asked? Else what is not remembered passes
        self.ask = False
        #: is what they say written down?
        self.keep = False
        self._ledger = ledger
        self._channel = channel
        self._now = now
        self._mode = mode
        self._verdicts: dict[tuple[str, str, str, str], tuple[datetime, TemplateError | None]] = {}
        self._silent: dict[str, datetime] = {}

    def open_for(self, *, keep: bool) -> None:
        """From now on providers may be asked; `keep` what they say."""
        if not self.ask:
            self._verdicts.clear()
        self.ask, self.keep = True, keep

    def objection(self, channel: str, occasion: str, locale: str, wording: str) -> str:
        """Why the text with this digest is stopped; empty when it may go, or nobody can tell."""
        if self._mode == "off":
            return ""
        key, now = (channel, occasion, locale, wording), self._now()
        until, verdict = self._verdicts.get(key, (now, None))
        if until <= now:
            verdict = self._judged(*key)
            self._verdicts[key] = now + FRESH, verdict
            if verdict and self._mode == "warn":
                log.warning("%s", translate(verdict))
        return translate(verdict) if verdict and self._mode == "strict" else ""

    def look_at(self, texts: Iterable[tuple[str, str, str, str]]) -> None:
        """Come to a verdict on texts that were promised before, each as for `objection`."""
        for text in texts:
            self.objection(*text)

    def stops(self, channel: str, occasion: str, locale: str, wording: str) -> bool:
        """Was there an objection? Asks nobody and reads nothing: the dispatcher cannot wait."""
        _until, verdict = self._verdicts.get((channel, occasion, locale, wording), (None, None))
        return self._mode == "strict" and verdict is not None

    def _judged(self, name: str, occasion: str, locale: str, wording: str) -> TemplateError | None:
        try:
            channel = self._channel(name)
            code = channel.template_code(occasion, locale) if "template" in type(channel).powers() else None
        except NotigateError:
            return None
        said = self._said(name, channel, code) if code else None
        if said is None:
            return None
        if said.state in REFUSED:
            return TemplateError(
                "{locale}: template {code} is {state} at the provider, so nothing of it goes out. "
                "See: notigate templates diff {occasion}",
                occasion=occasion, locale=locale, code=code, state=said.state,
            )  # fmt: skip
        if said.wording != wording:
            return TemplateError(
                "{locale}: the words are not those that were approved as {code}, so nothing of it goes out. "
                "See: notigate templates diff {occasion}",
                occasion=occasion, locale=locale, code=code,
            )  # fmt: skip
        return None

    def _said(self, name: str, channel: Channel, code: str) -> Reviewed | None:
        remembered, now = recall(self._ledger(), name, code), self._now()
        believed = BELIEVED if remembered and remembered.state == "approved" else DOUBTED
        recent = remembered is not None and timedelta(0) <= now - remembered.asked < believed
        if recent or not self.ask or self._silent.get(name, now) > now:
            return remembered
        try:
            said = reviewed(channel, code, now)
        except NotigateError as fault:
            log.warning("%s", translate(fault))
            self._silent[name] = now + FRESH
            return remembered
        if self.keep:
            remember(self._ledger(), name, code, said)
        return said


def reviewed(channel: Channel, code: str, now: datetime) -> Reviewed:
    """Ask a provider for its word on its copy.

    Raises:
        NotigateError: it could not be asked.
    """
    copy = channel.template(code)
    if copy is None:
        return Reviewed(now, "missing", "")
    return Reviewed(now, copy.get("state", "unclear"), digest_of(copy.get("text", "")))
