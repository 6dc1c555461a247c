"""The parts a text is made of: subject, body, HTML. Each is compiled once and called with a reader's names.

Where nothing but names and filters stands between the words, the words are split once and joined with the values, which
is an order of magnitude faster than Jinja2 and as safe: there is nothing to execute. The rest is left to `sandbox`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from notigate.errors import TemplateError
from notigate.render.expression import Evaluation, Expression, plain
from notigate.render.fault import Unfit, missing
from notigate.render.formats import display

if TYPE_CHECKING:
    from notigate.render.reader import Lookup

#: characters of a source, and of what it becomes
LIMIT = 64 * 1024

#: how values are written: into plain text, HTML, or WeCom's markdown
Form: TypeAlias = Literal["text", "html", "markdown"]
Finish: TypeAlias = Callable[[object], str]

_SLOT = re.compile(r"\{\{(.*?)\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_MARKDOWN = str.maketrans("<>[]*`|", "＜＞［］＊｀｜")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class Source(NamedTuple):
    """Where words were written: a file and the line they begin on."""

    file: str
    text: str
    line: int = 1

    def error(self, template: str, *, line: int = 1, **fields: object) -> TemplateError:
        """A fault on the `line`th line of these words."""
        return TemplateError("{file}:{line}: " + template, file=self.file, line=self.line + line - 1, **fields)

    def line_of(self, position: int) -> int:
        """The line on which a character of these words stands, from 1."""
        return self.text.count("\n", 0, position) + 1


class Piece(Protocol):
    """A compiled part of a text."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names it reads, each once."""
        ...

    def __call__(self, lookup: Lookup) -> str:
        """Render it; raises Unfit."""
        ...


class _Joined(NamedTuple):
    """Words with slots between them: `words[0] slot words[1] slot … words[-1]`."""

    words: tuple[str, ...]
    slots: tuple[Evaluation, ...]
    finish: Finish
    names: tuple[str, ...]

    def __call__(self, lookup: Lookup) -> str:
        finish = self.finish
        parts = [self.words[0]]
        for slot, words in zip(self.slots, self.words[1:], strict=True):
            parts += (finish(slot(lookup)), words)
        text = "".join(parts)
        if len(text) > LIMIT:
            raise _too_long()
        return text


class _Streamed(NamedTuple):
    """What Jinja2 renders; stopped when it grows too long."""

    pieces: Callable[[Lookup], Iterator[str]]
    names: tuple[str, ...]

    def __call__(self, lookup: Lookup) -> str:
        parts, length = [], 0
        for part in self.pieces(lookup):
            parts.append(part)
            length += len(part)
            if length > LIMIT:
                raise _too_long()
        return "".join(parts)


def _too_long() -> Unfit:
    return Unfit("the text becomes longer than {limit} characters", limit=LIMIT)


def compile_piece(source: Source, locale: str, form: Form) -> Piece:
    """Compile a part of a text.

    Raises:
        TemplateError: names the file and line.
    """
    _check_length(source)
    return _joined(source, locale, form) or _streamed(source, locale, form)


def compile_sms(source: Source, params: Collection[str]) -> Piece:
    """Compile the body of an SMS: words and plain `{{ param }}`, which is all that a provider can fill in.

    The piece is to be called with values that `sms_value` has made.

    Raises:
        TemplateError: names the file and line.
    """
    _check_length(source)
    for slot in _SLOT.finditer(source.text):
        if slot[1].strip() not in params:
            raise _no_param(source, slot)
    if stray := _MARKS.search(_SLOT.sub(lambda slot: " " * len(slot[0]), source.text)):
        line = source.line_of(stray.start())
        raise source.error(
            "an SMS may hold plain {slot} only, not {found!r}", line=line, slot="{{ param }}", found=stray[0]
        )
    words, slots = _split(source.text)
    return _Joined(words, tuple(partial(_get, name) for name in slots), str, tuple(dict.fromkeys(slots)))


def as_template(text: str) -> str:
    """The body of an SMS with its slots as `${param}`, as providers write them."""
    return _SLOT.sub(lambda slot: f"${{{slot[1].strip()}}}", text)


def _check_length(source: Source) -> None:
    if len(source.text) > LIMIT:
        raise source.error("longer than {limit} characters", limit=LIMIT)


def _no_param(source: Source, slot: re.Match[str]) -> TemplateError:
    return source.error(
        "{name!r} is no param of this occasion; an SMS may hold plain {slot} only",
        line=source.line_of(slot.start()),
        name=slot[1].strip(),
        slot="{{ param }}",
    )


def _get(name: str, lookup: Lookup) -> object:
    return lookup(name)


def _split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words, and what stands in the slots between them."""
    parts = _SLOT.split(text)
    return tuple(parts[::2]), tuple(slot.strip() for slot in parts[1::2])


def _joined(source: Source, locale: str, form: Form) -> Piece | None:
    """The piece if it holds nothing but words, names and filters of ours; None if it needs Jinja2."""
    words, _ = _split(source.text)
    expressions = [_plain(source, slot, locale) for slot in _SLOT.finditer(source.text)]
    known = [expression for expression in expressions if expression]
    if len(known) < len(expressions) or any(_MARKS.search(part) for part in words):
        return None
    names = dict.fromkeys(name for expression in known for name in expression.names)
    return _Joined(words, tuple(expression.evaluate for expression in known), finish(locale, form), tuple(names))


def _plain(source: Source, slot: re.Match[str], locale: str) -> Expression | None:
    try:
        return plain(slot[1], locale)
    except ValueError as fault:
        raise source.error("{fault}", line=source.line_of(slot.start()), fault=fault) from None


def _streamed(source: Source, locale: str, form: Form) -> Piece:
    from notigate.render.compiling import Refused, compile_text  # noqa: PLC0415 - Jinja2 costs 60 ms, and not all need it

    written = finish(locale, "text" if form == "html" else form)
    try:
        pieces, names = compile_text(source.text, locale, written, autoescape=form == "html")
    except Refused as fault:
        raise source.error("{fault}", line=fault.line, fault=fault) from None
    return _Streamed(pieces, tuple(sorted(names)))


@lru_cache(maxsize=64)
def finish(locale: str, form: Form) -> Finish:
    """What writes a value into a text of this form."""
    if form == "text":
        return partial(display, locale=locale)
    if form == "html":
        return lambda value: escape(display(value, locale))
    return lambda value: _inert(display(value, locale))


def sms_value(value: object, name: str, locale: str) -> str:
    """A value as it may stand in an SMS: one line, no 【】 (they are the signature's), nothing invisible, not empty."""
    written = _sms_text(display(value, locale))
    if not written:
        raise missing(name)
    return written


@lru_cache(maxsize=8192)
def _sms_text(text: str) -> str:
    """Kept: the same phones, days and forms of address stand in many messages."""
    return one_line(text).replace("【", "〔").replace("】", "〕")


def one_line(text: str) -> str:
    """`text` without line breaks and invisible marks."""
    return _BREAKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def _inert(text: str) -> str:
    """WeCom documents no way to escape markdown, so what would be markup becomes its full-width twin."""
    return re.sub(r"^#", "＃", one_line(text).translate(_MARKDOWN))
