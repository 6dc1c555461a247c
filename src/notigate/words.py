"""States, rules and reasons in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notigate.language import _
from notigate.model import Reason, State
from notigate.preferences import Reach, Word

#: people who are named where many are meant
NAMED = 3

STATES: Mapping[str, str] = {
    State.QUEUED: _("about to go"),
    State.CLAIMED: _("about to go"),
    State.SENDING: _("under way"),
    State.ACCEPTED: _("sent"),
    State.DELIVERED: _("arrived"),
    State.UNDELIVERED: _("did not arrive"),
    State.RETRY_WAIT: _("tried again later"),
    State.HELD: _("waiting"),
    State.FAILED: _("refused"),
    State.INVALID: _("cannot be sent"),
    State.SUPPRESSED: _("kept back"),
    State.DUPLICATE: _("sent before"),
    State.EXPIRED: _("too late"),
    State.CANCELLED: _("called off"),
    State.UNKNOWN: _("unknown"),
    "open": _("open"),
    "stopped": _("stopped"),
    "set aside": _("channel set aside"),
    "drafted": _("drafted"),
    "changed": _("changed"),
    "caught up": _("caught up"),
    "to correct": _("to be corrected"),
    "duplicate suspected": _("perhaps sent twice"),
}

#: rules that keep a message back or make it wait, and reasons of providers
REASONS: Mapping[str, str] = {
    "only": _("not on the trial list (policy.only)"),
    "opted-out": _("wants no messages"),
    "do-not-greet": _("not to be greeted now"),
    "no-consent": _("has not agreed to advertising"),
    "cap-day": _("has had enough messages today"),
    "cap-week": _("has had enough messages this week"),
    "cap-month": _("has had enough messages this month"),
    "approval": _("waits for approval"),
    "window": _("waits for its hours"),
    "hour": _("waits for its hour"),
    "late": _("its hours are over"),
    "unreachable": _("no address for any of its channels"),
    "approved-text": _("its words are not those that the provider approved"),
    "text": _("the record does not tell what the text needs"),
    "moved": _("its date has moved, or is no more"),
    "condition": _("its condition no longer holds"),
    "new-address": _("its reader has another address now"),
    "setup": "",  # the detail says it all
    "row": _("the row cannot be used"),
    "gone": _("is no longer planned"),
    "refused": _("a person called it off"),
    "decided": _("a person decided"),
    "told-together": _("another message tells it as well"),
    "weather": _("waits until somebody knows the weather"),
    "weather-over": _("the weather it warns of is not expected any more"),
    "erased": _("the person was erased"),
    "repeated": _("the same was asked for before"),
    Reason.BAD_ADDRESS: _("the address is wrong"),
    Reason.BLOCKED: _("the reader or the carrier refuses us"),
    Reason.BAD_CONTENT: _("the provider refuses the text"),
    Reason.BAD_CREDENTIALS: _("the provider refuses our credentials"),
    Reason.NO_CREDIT: _("the balance is used up"),
    Reason.THROTTLED: _("the provider asks us to slow down"),
    Reason.UNAVAILABLE: _("the provider was not reached"),
    Reason.UNCLEAR: _("nobody can tell yet whether it went out"),
}


#: where a batch stands, and what was said on it
STAGES: Mapping[str, str] = {
    "waiting": _("waits for approval"),
    "drafted": _("drafted"),
    "changed": _("changed"),
    "approved": _("approved"),
    "refused": _("called off"),
    "released": _("let go"),
    "missed": _("its hours went by"),
}


def stage(name: str) -> str:
    """Where a batch stands, in the user's words."""
    return STAGES.get(name, name)


#: what brings changes about, as the ledger records it
CAUSES: Mapping[str, str] = {
    "planned": _("planned"),
    "drafted anew": _("drafted anew"),
    "no longer planned": _("no longer planned"),
    "picked": _("picked for sending"),
    "handed to the channel": _("handed to the channel"),
    "accepted": _("the provider took it"),
    "busy": _("the provider did not take it yet"),
    "refused": _("the provider refused it"),
    "unknown": _("no clear answer"),
    "its time has come": _("its time has come"),
    "its time went by": _("its time went by"),
    "put back: the run is ending": _("put back: the run is ending"),
    "put back: not sent yet": _("put back: not sent yet"),
    "the run that sent it ended without recording an answer": _(
        "the run that sent it ended without recording an answer"
    ),
    "the run that picked it ended before sending it": _("the run that picked it ended before sending it"),
    "the carrier's word": _("the carrier's word"),
    "the provider was asked": _("the provider was asked"),
    "the provider does not have it, asked twice": _("the provider does not have it, asked twice"),
    "made again inside the provider's duplicate check": _("made again inside the provider's duplicate check"),
    "not made again inside the provider's duplicate check": _("not made again inside the provider's duplicate check"),
    "picked again": _("picked for sending again"),
    "its content was erased": _("its content was erased"),
    "its date has moved, or is no more": _("its date has moved, or is no more"),
    "its condition no longer holds": _("its condition no longer holds"),
    "its reader has another address now": _("its reader has another address now"),
    "approved by {who}": _("approved by {who}"),
    "refused by {who}": _("called off by {who}"),
    "erased by {who}": _("erased by {who}"),
    "sent: decided by {who}": _("{who} decided: it was sent"),
    "resend: decided by {who}": _("{who} decided: send it again"),
    "give-up: decided by {who}": _("{who} decided: give it up"),
}


#: what people said about being written to, and which messages they meant
SAID: Mapping[str, str] = {
    Word.OPT_OUT: _("wants no messages"),
    Word.LESS_OFTEN: _("wants fewer messages"),
    Word.CONSENT: _("agrees to advertising"),
}
REACHES: Mapping[str, str] = {
    Reach.ALL: _("all messages"),
    Reach.CARE: _("greetings and advertising"),
    Reach.MARKETING: _("advertising"),
}
#: what the doctor looks at
CHECKS: Mapping[str, str] = {
    "alarms": _("alarms"),
    "calendar": _("calendar"),
    "channel": _("channel"),
    "channels": _("channels"),
    "clock": _("clock"),
    "files": _("files"),
    "fonts": _("fonts"),
    "ledger": _("ledger"),
    "occasions": _("occasions"),
    "roster": _("roster"),
    "runs": _("runs"),
    "settings": _("settings"),
    "texts": _("texts"),
    "weather": _("weather"),
}


def check(name: str) -> str:
    """What the doctor looks at, in the user's words; the name of a channel stays as it is."""
    kind, blank, which = name.partition(" ")
    return f"{CHECKS.get(kind, kind)}{blank}{which}"


def state(name: str) -> str:
    """A state in the user's words."""
    return STATES.get(name, name)


def cause(recorded: str) -> str:
    """What brought a change about, or came of a request, in the user's words; a detail behind it stays as it is."""
    for known, told in CAUSES.items():
        start, who, _rest = known.partition("{who}")
        if who and recorded.startswith(start):
            return told.format(who=recorded.removeprefix(start))
    name, _colon, detail = recorded.partition(": ")
    return CAUSES.get(recorded) or why(CAUSES.get(name, name), detail)


def named(people: Sequence[str], number: int | None = None) -> str:
    """The first of some people, and how many there are besides; `number` is how many, where not all are given."""
    shown, number = ", ".join(people[:NAMED]), number or len(people)
    return f"{shown} … +{number - NAMED}" if number > NAMED else shown


def why(reason: str, detail: str = "") -> str:
    """A rule or reason in the user's words; one of a plugin's shows its own name."""
    told = REASONS.get(reason, reason)
    return _("{reason}: {detail}").format(reason=told, detail=detail) if told and detail else told or detail
