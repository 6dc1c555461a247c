"""One text, compiled once and rendered for each reader."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING

from notigate.model import Content, Person
from notigate.render.expression import Evaluation, Expression
from notigate.render.fault import Fault, Unfit
from notigate.render.frame import framed
from notigate.render.pieces import Piece, Source, as_template, compile_piece, compile_sms, sms_value
from notigate.render.reader import Context, lookup
from notigate.render.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUBJECT = re.compile(r"subject:[ \t]*(.*)", re.IGNORECASE)
_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


#: SMS of one kind that are kept: of most, many readers see the same words
_KEPT = 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The wording of one occasion in one locale for one medium."""

    medium: str
    #: a Babel id
    locale: str
    body: Piece
    subject: Piece | None = None
    html: Piece | None = None
    #: the occasion's params, by name
    expressions: Mapping[str, Expression]
    #: where its parts were written: `subject`, `body`, `html`
    sources: Mapping[str, Source]
    #: where its params were written, by name
    written: Mapping[str, Source] = field(default_factory=dict)
    #: names this wording for ever: the same words and names always give the same
    digest: str

    @classmethod
    def compile(
        cls, medium: str, locale: str, body: Source, *, html: Source | None = None, params: Mapping[str, Source]
    ) -> Text:
        """Compile the files of one text; `params` are the occasion's, name → expression.

        An SMS takes plain `{{ param }}` only; a body from a file `….md` is WeCom markdown; a mail needs a subject, and
        shows its words in a plain page where it has no HTML of its own.

        Raises:
            TemplateError: names the file and line.
        """
        expressions = {name: _expression(name, source, locale) for name, source in params.items()}
        subject, words = _split(body)
        if subject and medium == "sms":
            raise subject.error("an SMS has no subject")
        if medium == "email" and not subject:
            raise body.error("a mail begins with a line {example!r}", example="Subject: …")
        parts = {"subject": subject, "body": words, "html": html}
        sources = {part: source for part, source in parts.items() if source}
        return cls(
            medium=medium,
            locale=locale,
            sources=sources,
            written=params,
            digest=digest(as_template(words.text))
            if medium == "sms"
            else digest(*(source.text for source in sources.values())),
            body=compile_sms(words, params)
            if medium == "sms"
            else compile_piece(words, locale, "markdown" if body.file.endswith(".md") else "text"),
            subject=compile_piece(subject, locale, "text") if subject else None,
            html=compile_piece(html, locale, "html") if html else None,
            expressions=expressions,
        )

    @property
    def params(self) -> frozenset[str]:
        """The params it uses."""
        return self._own_names() & self.expressions.keys()

    @property
    def names(self) -> frozenset[str]:
        """The names it reads from the reader and the context, directly or through params."""
        through = (self.expressions[name].names for name in self.params)
        return (self._own_names() - self.expressions.keys()).union(*through)

    def _own_names(self) -> frozenset[str]:
        return frozenset(name for piece in (self.subject, self.body, self.html) if piece for name in piece.names)

    @property
    def template(self) -> str:
        """The body with its params as `${param}`: an SMS as providers keep their copy of it."""
        return as_template(self.sources["body"].text)

    def render(self, reader: Person, context: Context, shared: Shared | None = None) -> Content | Fault:
        """What this reader will see; a Fault where the record does not tell what the text needs.

        `shared` is what `self.shared` told of this context and the reader's project.
        """
        shared = shared or self.shared(context, reader.facts.get("project"))
        try:
            if self.medium == "sms":
                return self._sms(reader, context, shared)
            return self._content(_Names(self.expressions, reader, context, self.locale, shared.values))
        except Unfit as unfit:
            return replace(unfit.fault, place=self._place(str(unfit.fault.fields.get("name", ""))))

    def shared(self, context: Context, project: object = None) -> Shared:
        """What is the same for all readers of a project: params that ask for nothing else but what the run knows."""
        anybody = Person(id="", facts={"project": project} if project else {})
        names, known = _Names(self.expressions, anybody, context, self.locale), {"project", "today", *context.given}
        values: dict[str, object] = {}
        written: dict[str, str] = {}
        for param in self.params:
            if param in context.given or self.expressions[param].names <= known:
                with suppress(Unfit):  # told of each reader
                    values[param] = names.value(param)
                    if self.medium == "sms":
                        written[param] = sms_value(values[param], param, self.locale)
        own = [name for name in self.body.names if name not in written] if self.medium == "sms" else []
        return Shared(values, written, [(name, names.evaluation(name)) for name in own])

    def _place(self, asked: str) -> str:
        """Where a name is asked for: in the param that reads it, else where it is printed, else where it first stands."""
        name = asked.partition(".")[0]
        if not name:
            return ""
        through = (self.written[param] for param in self.params if name in self.expressions[param].names)
        if source := next((one for one in through if one.text.strip()), None):
            return f"{source.file}:{source.line}"
        word = rf"(?<!\w){re.escape(name)}(?!\w)"
        for pattern in (rf"\{{\{{[^}}]*{word}", word):
            for source in self.sources.values():
                if found := re.search(pattern, source.text):
                    return f"{source.file}:{source.line + source.line_of(found.end()) - 1}"
        return ""

    def _sms(self, reader: Person, context: Context, shared: Shared) -> Content:
        known, told = partial(lookup, reader, context, self.locale), []
        for name, evaluate in shared.own:
            told.append(sms_value(evaluate(known), name, self.locale))
        content = shared.made.get(said := tuple(told))
        if content is None:
            own = {name: value for (name, _), value in zip(shared.own, said, strict=True)}
            content = self._filled({**shared.written, **own})
            if len(shared.made) < _KEPT:
                shared.made[said] = content
        return content

    def _filled(self, told: Mapping[str, str]) -> Content:
        """The provider fills its copy in with the same values that ours is filled in with."""
        values = {name: told[name] for name in self.body.names}
        return Content(text=self.body(values.__getitem__), params=MappingProxyType(values))

    def _content(self, names: _Names) -> Content:
        text = self.body(names)
        subject = _one_line(self.subject(names)) if self.subject else ""
        return Content(text=text, subject=subject, html=self._page(names, text, subject))

    def _page(self, names: _Names, text: str, subject: str) -> str:
        if self.html:
            return self.html(names)
        return framed(text, subject, self.locale, closed="closing" in self.body.names) if self.medium == "email" else ""


def digest(*words: str) -> str:
    """Names some words in 16 hexadecimal digits."""
    return blake2b("\x1f".join(words).encode(), digest_size=8).hexdigest()


class _Names:
    """The names of one rendering: params, then what `reader.lookup` knows. Each param is evaluated at most once."""

    __slots__ = ("_context", "_evaluated", "_expressions", "_locale", "_reader")

    def __init__(
        self,
        expressions: Mapping[str, Expression],
        reader: Person,
        context: Context,
        locale: str,
        shared: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self._expressions = expressions
        self._reader = reader
        self._context = context
        self._locale = locale
        self._evaluated = dict(shared)

    def __call__(self, name: str) -> object:
        if name not in self._evaluated:
            self._evaluated[name] = self.value(name)
        return self._evaluated[name]

    def value(self, name: str) -> object:
        """The value behind a name, evaluated anew."""
        return self.evaluation(name)(self._known) if name in self._expressions else self._known(name)

    def evaluation(self, param: str) -> Evaluation:
        """How a param is evaluated: what the run brings under its name goes before its expression."""
        expression, given = self._expressions[param], self._context.given
        return (
            (lambda _known: given[param]) if param in given and param not in expression.names else expression.evaluate
        )

    def _known(self, name: str) -> object:
        return lookup(self._reader, self._context, self._locale, name)


def _expression(name: str, source: Source, locale: str) -> Expression:
    try:
        return Expression.compile(source.text, locale)
    except ValueError as fault:
        raise source.error("param {name!r}: {fault}", name=name, fault=fault) from None


def _split(body: Source) -> tuple[Source | None, Source]:
    """A `Subject:` line in front, the words behind it."""
    found = _SUBJECT.match(body.text)
    if not found:
        return None, _words(body, 0)
    return body._replace(text=found[1].strip()), _words(body, found.end())


def _words(body: Source, start: int) -> Source:
    """What comes from `start` on, without the blank lines around it."""
    rest = body.text[start:]
    skipped = len(rest) - len(rest.lstrip())
    return body._replace(text=rest.strip(), line=body.line + body.line_of(start + skipped) - 1)


def _one_line(subject: str) -> str:
    if _BREAK.search(subject):
        raise Unfit("the subject would hold a line break")
    return subject
