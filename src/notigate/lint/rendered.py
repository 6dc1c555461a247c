"""Texts as readers would get them: do they come about, and are they short enough?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from notigate.lint.people import Awkward, readers
from notigate.lint.remarks import Remark, Severity, at, name_in
from notigate.model import Content
from notigate.planner.previews import cells
from notigate.render import segments
from notigate.render.length import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.model import Occasion
    from notigate.render import Context, Fault, Text

#: characters of a variable's value. Source: Aliyun's rules for variables
LONGEST_VALUE = 35
#: parts that an SMS should not exceed
PARTS = 2
#: bytes of WeCom's markdown: a robot refuses more, an application cuts it off. Source: WeCom's pages 91770, 90236
ROBOT, APPLICATION = 4096, 2048
#: columns of a subject that lists of mail show; characters that none takes
SHOWN_SUBJECT, LONGEST_SUBJECT = 78, 255

_LINK = re.compile(
    r"https?://|\bwww\.|[a-z0-9]\.(?:com|cn|net|org|gov|edu|info|top|vip|cc|io)(?![a-z0-9])", re.IGNORECASE | re.ASCII
)
_REMOTE = re.compile(
    r"""<(?:script|iframe|object|embed)\b|(?:src|background)\s*=\s*["']?https?:|url\(\s*["']?https?:""", re.IGNORECASE
)

#: makes a remark on a part of the text
Say = Callable[..., Remark]
#: looks at what one reader gets
Look = Callable[["Text", Content, Awkward, Say, str], Iterator[Remark]]


def remarks(occasion: Occasion, texts: Sequence[Text], context: Context, signature: str) -> Iterator[Remark]:
    """What is to be said about the texts as the sample and awkward readers would get them.

    Raises:
        TemplateError: the sample is no person.
    """
    people = list(readers(occasion))
    context = context._replace(columns=cells(occasion))
    for text in texts:
        if "html" in text.sources:
            yield from _html(occasion.id, text)
        said = set[object]()
        for reader in people:
            for remark in _reader(occasion.id, text, reader, context, signature):
                told = (remark.rule, remark.fields.get("name"))
                if told not in said:  # what the sample shows need not be told of everybody
                    yield remark
                said.add(told)


def _reader(occasion: str, text: Text, reader: Awkward, shared: Context, signature: str) -> Iterator[Remark]:
    content = text.render(reader.person, reader.context(shared))
    if not isinstance(content, Content):
        yield _fault(occasion, text, content, reader)
        return
    say = partial(_say, occasion, text, reader)
    if look := _LOOKS.get(text.medium):
        yield from look(text, content, reader, say, signature)


def _say(  # noqa: PLR0913, PLR0917 - all that a remark is made of
    occasion: str, text: Text, reader: Awkward, part: str, position: int, severity: Severity, rule: str, told: str,
    **fields: object,
) -> Remark:  # fmt: skip
    if reader.why:
        told, fields = told + " ({why})", {**fields, "why": reader.why}
    return at(text.sources[part], position, occasion, severity, rule, told, **fields)


def _fault(occasion: str, text: Text, fault: Fault, reader: Awkward) -> Remark:
    missing = str(fault.fields.get("name", "")).partition(".")[0]
    through = next((param for param in text.params if missing in text.expressions[param].names), missing)
    part, position = _place(text, through)
    told = "this text cannot be made: {fault}"
    say = partial(_say, occasion, text, reader)
    return say(part, position, "error", "cannot-be-made", told, fault=fault, missing=missing)


def _place(text: Text, name: str) -> tuple[str, int]:
    """The part in which a name stands, and where."""
    found = ((part, name_in(source, name)) for part, source in text.sources.items() if name)
    return next(((part, position) for part, position in found if position), ("body", 0))


def _sms(text: Text, content: Content, reader: Awkward, say: Say, signature: str) -> Iterator[Remark]:
    body = text.sources["body"]
    for name, value in content.params.items():
        position = name_in(body, name)
        if len(value) > LONGEST_VALUE:
            severity: Severity = "warning" if reader.why else "error"
            told = "the value of {name!r} has {length} characters; {limit} are allowed"
            yield say(
                "body", position, severity, "sms-value-length", told, name=name, length=len(value), limit=LONGEST_VALUE
            )
        if _LINK.search(value):
            told = "the value of {name!r} is a link, which only fixed words may hold"
            yield say("body", position, "error", "sms-link-in-value", told, name=name)
    parts = segments(content.text, signature)
    if parts > PARTS and not reader.why:
        told = "it is sent and paid as {parts} parts"
        yield say("body", 0, "warning", "sms-parts", told, parts=parts)


def _email(_text: Text, content: Content, _reader: Awkward, say: Say, _signature: str) -> Iterator[Remark]:
    if len(content.subject) > LONGEST_SUBJECT:
        told = "the subject has {length} characters; no more than {limit} are shown anywhere"
        yield say("subject", 0, "error", "mail-subject", told, length=len(content.subject), limit=LONGEST_SUBJECT)
    elif (wide := columns(content.subject)) > SHOWN_SUBJECT:
        told = "the subject is {wide} columns wide; lists of mail show {limit} at most"
        yield say("subject", 0, "warning", "mail-subject", told, wide=wide, limit=SHOWN_SUBJECT)


def _wecom(_text: Text, content: Content, _reader: Awkward, say: Say, _signature: str) -> Iterator[Remark]:
    length = len(content.text.encode())
    if length > ROBOT:
        told = "it has {length} bytes; a group robot takes {limit}"
        yield say("body", 0, "error", "wecom-length", told, length=length, limit=ROBOT)
    elif length > APPLICATION:
        told = "it has {length} bytes; a message of an application is cut off after {limit}"
        yield say("body", 0, "warning", "wecom-length", told, length=length, limit=APPLICATION)


_LOOKS: Mapping[str, Look] = {"sms": _sms, "email": _email, "wecom": _wecom}


def _html(occasion: str, text: Text) -> Iterator[Remark]:
    source = text.sources["html"]
    for found in _REMOTE.finditer(source.text):
        told = "mail programs block what is fetched or executed: {found}"
        yield at(source, found.start(), occasion, "warning", "mail-remote", told, found=found[0])
