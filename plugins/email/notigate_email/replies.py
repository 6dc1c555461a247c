"""Reply codes of SMTP and what they mean for a mail, as a table: the first rule that fits decides.

The first digit of the code says whether time heals (RFC 5321 4.2.1), the enhanced code behind it says what is wrong
(RFC 3463). Providers that use a code against its meaning come first; their lines follow what DirectMail, QQ and NetEase
publish about their replies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from notigate.plugin import Outcome, Reason, Scope


class Stage(Enum):
    """How far a conversation got. Nothing is sent before the final dot has left."""

    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    TEXT = "text"
    DOT = "final dot"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer at one stage."""

    stage: Stage
    code: int
    #: its prose, lines joined; may hold the reader's address
    text: str = field(default="", repr=False)

    @property
    def enhanced(self) -> str:
        """The enhanced status code, such as `5.1.1`; empty without one."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", self.text)
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply comes to, with a hint in our words."""

    reason: Reason
    hint: str
    #: None means that time heals
    scope: Scope | None = Scope.MESSAGE
    #: seconds until another try may help
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Regular expressions for the code, subject and detail of the enhanced code, the text and the server's name."""

    code: str
    enhanced: str = ""
    text: str = ""
    host: str = ""
    stages: frozenset[Stage] = frozenset(Stage)
    means: Meaning

    def fits(self, reply: Reply, host: str) -> bool:
        """Is this reply, of this server, the one that is meant?"""
        return (
            reply.stage in self.stages
            and re.fullmatch(self.code, str(reply.code)) is not None
            and re.match(self.enhanced, reply.enhanced[2:]) is not None
            and re.search(self.text, reply.text, re.IGNORECASE) is not None
            and re.search(self.host, host, re.IGNORECASE) is not None
        )


def _heals(reason: Reason, hint: str, retry_after: float | None = None) -> Meaning:
    return Meaning(reason, hint, None, retry_after)


_BEFORE_LOGIN = frozenset({Stage.GREETING, Stage.EHLO, Stage.STARTTLS})
_ACCOUNT = frozenset({Stage.AUTH, Stage.MAIL})
_READER = frozenset({Stage.RCPT})
_TEXT = frozenset({Stage.DATA, Stage.DOT})

_TOO_FAST = _heals(Reason.THROTTLED, "sent too fast")
_NO_SUCH_READER = Meaning(Reason.BAD_ADDRESS, "no such mailbox")
_FULL = Meaning(Reason.BLOCKED, "the mailbox is full or disabled")
_CONTENT = Meaning(Reason.BAD_CONTENT, "the text is refused")
_TOO_BIG = Meaning(Reason.BAD_CONTENT, "the mail is too big")
_LOGIN = Meaning(Reason.BAD_CREDENTIALS, "look at username and password", Scope.CHANNEL)
_SENDER = Meaning(Reason.BAD_CREDENTIALS, "this account may not send as `sender`", Scope.CHANNEL)
_SENDER_DOMAIN = "SPF, DKIM or DMARC of the sender's domain fails"

_DIRECTMAIL, _QQ, _NETEASE = r"\.aliyun(cs)?\.com$", r"\.qq\.com$", r"\.(163|126)\.com$"
_QUOTA = _heals(Reason.THROTTLED, "the quota of the day or month is used up", 3600)
_DNS = _heals(Reason.UNAVAILABLE, "the reader's server is not found or not reached")

QUIRKS = (
    Rule(host=_DIRECTMAIL, code="[45]54", text="too frequent", means=_TOO_FAST),
    Rule(host=_DIRECTMAIL, code="436", means=_SENDER),
    Rule(host=_DIRECTMAIL, code="42[37]", means=_DNS),
    Rule(
        host=_DIRECTMAIL, code="551", means=Meaning(Reason.BAD_CREDENTIALS, "the account is unavailable", Scope.CHANNEL)
    ),
    Rule(host=_DIRECTMAIL, code="552", means=_QUOTA),
    Rule(host=_DIRECTMAIL, code="554", means=_CONTENT),
    Rule(host=_DIRECTMAIL, code="557", means=_TOO_BIG),
    Rule(host=_DIRECTMAIL, code="524|526|559|561|563", means=_NO_SUCH_READER),
    Rule(host=_QQ, code="550", text="frequency limited", means=_TOO_FAST),
    Rule(host=_QQ, code="550", text="content denied", means=_CONTENT),
    Rule(host=_QQ, code="550", text="mailbox not found", means=_NO_SUCH_READER),
    Rule(
        host=_QQ, code="550", text="unavailable or access denied", means=_heals(Reason.UNAVAILABLE, "refused for now")
    ),
    Rule(host=_NETEASE, code="451", text="DT:SPM", means=_heals(Reason.THROTTLED, "taken for spam for now", 120)),
    Rule(
        host=_NETEASE,
        code="451",
        text="MI:SFQ",
        means=_heals(Reason.THROTTLED, "a quota for 15 minutes is used up", 900),
    ),
    Rule(host=_NETEASE, code="4..", text="(HL|MI|RP):[A-Z]{3}", means=_TOO_FAST),
    Rule(
        host=_NETEASE, code="550", text="MI:SPF", means=Meaning(Reason.BAD_CREDENTIALS, _SENDER_DOMAIN, Scope.CHANNEL)
    ),
    Rule(host=_NETEASE, code="550", text="^user ", means=_NO_SUCH_READER),
    Rule(host=_NETEASE, code="554", text="DT:SPM", means=_CONTENT),
)

RULES = (
    Rule(code="4..", text="too many|frequen|rate limit", means=_TOO_FAST),
    Rule(code="45[01]", stages=_READER, means=_heals(Reason.UNAVAILABLE, "busy, or greylisting", 300)),
    Rule(code="4..", enhanced=r"7\.", stages=_READER | _TEXT, means=_TOO_FAST),
    Rule(code="4..", means=_heals(Reason.UNAVAILABLE, "not now")),
    Rule(code="53[0458]", means=_LOGIN),
    Rule(
        code="5..", stages=_BEFORE_LOGIN, means=Meaning(Reason.UNAVAILABLE, "the server turns us away", Scope.CHANNEL)
    ),
    Rule(code="5..", stages=frozenset({Stage.AUTH}), means=_LOGIN),
    Rule(code="552", enhanced=r"3\.4$", means=_TOO_BIG),
    Rule(code="5..", stages=_ACCOUNT, means=_SENDER),
    Rule(code="5..", enhanced=r"1\.[78]$", means=_SENDER),
    Rule(code="5..", enhanced=r"7\.[89]$", means=_LOGIN),
    Rule(code="5..", enhanced=r"7\.2\d$", means=Meaning(Reason.BAD_CREDENTIALS, _SENDER_DOMAIN, Scope.MESSAGE)),
    Rule(code="55.", text="relay(ing)? (access )?(is )?(denied|not permitted)", stages=_READER, means=_LOGIN),
    Rule(code="5..", enhanced=r"1\.", means=_NO_SUCH_READER),
    Rule(code="5..", enhanced=r"2\.3$", means=_TOO_BIG),
    Rule(code="5..", enhanced=r"2\.", means=_FULL),
    Rule(code="5..", enhanced=r"6\.", means=_CONTENT),
    Rule(code="5..", enhanced=r"7\.", stages=_READER, means=Meaning(Reason.BLOCKED, "the reader's server refuses us")),
    Rule(code="552", stages=_READER, means=_FULL),
    Rule(code="50[01]|521|541|55[0136]", stages=_READER, means=_NO_SUCH_READER),
    Rule(code="552", stages=_TEXT, means=_TOO_BIG),
    Rule(code="55[04]", stages=_TEXT, means=_CONTENT),
    Rule(code="5..", means=Meaning(Reason.UNCLEAR, "refused")),
)


def verdict(reply: Reply, host: str) -> Outcome:
    """What an answer that is not the wanted one comes to.

    Before the final dot nothing can have been sent, so nonsense there is `busy`; after it only a documented refusal
    proves that the mail was not taken.
    """
    means = _meaning(reply, host)
    detail = " ".join(filter(None, (reply.stage.value, str(reply.code), reply.enhanced)))
    if means is None and reply.stage is Stage.DOT:
        return Outcome.unknown(f"{detail}: no answer that SMTP knows")
    if means is None:
        return Outcome.busy(Reason.UNAVAILABLE, f"{detail}: no answer that SMTP knows")
    if means.scope is None:
        return Outcome.busy(means.reason, f"{detail}: {means.hint}", retry_after=means.retry_after)
    return Outcome.refused(means.reason, f"{detail}: {means.hint}", scope=means.scope)


def _meaning(reply: Reply, host: str) -> Meaning | None:
    return next((rule.means for rule in (*QUIRKS, *RULES) if rule.fits(reply, host)), None)
