"""One text of ours beside the provider's copy of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from notigate.errors import NotigateError
from notigate.language import Told
from notigate.model import Category, Content
from notigate.planner.previews import sample
from notigate.plugin import Wording
from notigate.render.wording import wording as language
from notigate.reviews.digests import as_compared

if TYPE_CHECKING:
    from notigate.model import Occasion
    from notigate.plugin import Channel
    from notigate.render import Context, Text

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_PHONE = re.compile(r"[0-9][0-9-]{3,13}[0-9]")
#: the longest title a reviewer is shown
_LONGEST_TITLE = 30


@dataclass(frozen=True, slots=True)
class Note:
    """One thing in which the copies differ besides their words. Told like an error."""

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A text of ours, and what its provider has for it."""

    channel: str
    occasion: str
    locale: str
    #: the provider's name of its copy; empty where the settings name none
    code: str
    #: `approved reviewing rejected cancelled unclear`; `missing` at the provider; `no-code`; `unasked`
    state: str
    #: both with `${param}`; theirs is empty where there is none
    ours: str
    theirs: str = ""
    notes: tuple[Told, ...] = ()

    @property
    def same(self) -> bool:
        """Does the provider have the very words?"""
        return as_compared(self.ours) == as_compared(self.theirs)

    @property
    def stands(self) -> bool:
        """May it go out as it is?"""
        return self.state == "approved" and self.same


def compare(name: str, channel: Channel, wording: Wording, signature: str) -> Compared:
    """Ask the provider for its copy of a text, and look for differences.

    Args:
        name: the channel's.
        channel: it has the power `template`.
        wording: our text.
        signature: what stands in front of the channel's messages; empty where that is not known.
    """
    code = channel.template_code(wording.occasion, wording.locale) or ""

    def told(state: str, *notes: Told, theirs: str = "") -> Compared:
        return Compared(
            channel=name, occasion=wording.occasion, locale=wording.locale, code=code, state=state, ours=wording.text,
            theirs=theirs, notes=notes,
        )  # fmt: skip

    if not code:
        return told("no-code")
    try:
        copy = channel.template(code)
    except NotigateError as fault:
        return told("unasked", fault)
    if copy is None:
        return told("missing")
    return told(copy.get("state", "unclear"), *_notes(wording, copy, signature), theirs=copy.get("text", ""))


def _notes(wording: Wording, copy: Mapping[str, str], signature: str) -> Iterator[Note]:
    if reason := copy.get("reason"):
        yield Note("the reviewers say: {reason}", {"reason": reason})
    theirs, ours = set(_VARIABLE.findall(copy.get("text", ""))), set(_VARIABLE.findall(wording.text))
    if theirs != ours:
        yield Note(
            "variables: the provider's {theirs}, ours {ours}",
            {"theirs": ", ".join(sorted(theirs)) or "–", "ours": ", ".join(sorted(ours)) or "–"},
        )
    if (kind := copy.get("type")) and kind != type_of(wording):
        yield Note("it was approved as {theirs} and is {ours}", {"theirs": kind, "ours": type_of(wording)})
    for name, attribute in _pairs(copy.get("attributes", "")):
        if name in wording.kinds and attribute not in {"text", wording.kinds[name]}:
            told = "the provider takes {theirs} for {name}, and we fill in {ours}"
            yield Note(told, {"name": name, "theirs": attribute, "ours": wording.kinds[name]})
    if signature and (known := copy.get("signatures")) and signature not in known.split(","):
        yield Note("it was submitted for {known}, and is sent as {signature}", {"known": known, "signature": signature})


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.split(",")):
        name, _, value = pair.partition("=")
        yield name, value


def type_of(wording: Wording) -> str:
    """What kind of template a text becomes: one in Traditional Chinese is for numbers outside the mainland."""
    if language(wording.locale) == "zh_Hant":
        return "international"
    return "promotion" if wording.category is Category.MARKETING else "notification"


def wording_of(occasion: Occasion, text: Text, context: Context) -> Wording:
    """An SMS as its reviewers are shown it, with the sample as an example.

    Raises:
        TemplateError: the sample is no person.
    """
    content = text.render(sample(occasion), context)
    values = content.params if isinstance(content, Content) else {}
    title = f"{occasion.title} {text.locale}"[:_LONGEST_TITLE]
    return Wording(
        occasion=occasion.id, locale=text.locale, category=occasion.category, title=title, text=text.template,
        example=content.text if isinstance(content, Content) else "",
        kinds={name: _kind(text, name, values.get(name, "")) for name in text.body.names},
    )  # fmt: skip


def _kind(text: Text, name: str, value: str) -> Literal["name", "phone", "text"]:
    if text.expressions[name].names <= {"salutation", "name", "family_name"}:
        return "name"
    return "phone" if _PHONE.fullmatch(value) else "text"
