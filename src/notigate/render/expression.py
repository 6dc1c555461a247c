"""Expressions of params and texts: `salutation`, `project.hotline`, `amount_due | money`, `handover_on | date('full')`.

A dotted name with filters, which is what nearly all of them are, is read here and costs a look-up and a call;
everything else is compiled by sandboxed Jinja2, with the same names, filters and rules.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from notigate.render.fault import Unfit, missing
from notigate.render.formats import Filter, filters
from notigate.render.reader import Lookup, attribute, is_blank

#: a value for one reader; raises Unfit
Evaluation = Callable[[Lookup], object]

_NAME = r"[^\W\d_]\w*"
_PATH = re.compile(rf"\s*({_NAME}(?:\.{_NAME})*)\s*")
_FILTER = re.compile(r"\|\s*([a-z]+)\s*(?:\(([^()|]*)\))?\s*")
#: words that mean something else in Jinja2
RESERVED = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else", "loop"}
)


class Expression(NamedTuple):
    """One compiled expression, in one locale."""

    evaluate: Evaluation
    #: the names it reads
    names: frozenset[str]

    @classmethod
    def compile(cls, source: str, locale: str) -> Expression:
        """Compile `source`.

        Raises:
            ValueError: it cannot be understood; the message says why.
        """
        return plain(source, locale) or _sandboxed(source, locale)


def plain(source: str, locale: str) -> Expression | None:
    """The expression if it is a dotted name with filters of ours, None if it needs Jinja2.

    Raises:
        ValueError: a filter does not take these arguments.
    """
    path = _PATH.match(source)
    if not path or RESERVED.intersection(path[1].split(".")):
        return None
    calls = _calls(source[path.end() :], filters(locale))
    if calls is None:
        return None
    name, *attributes = path[1].split(".")
    return Expression(_evaluation(name, tuple(attributes), calls), frozenset({name}))


class _Call(NamedTuple):
    name: str
    filter: Filter
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def __call__(self, value: object, path: str) -> object:
        try:
            return self.filter(value, *self.args, **self.kwargs)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as fault:
            raise Unfit("{name!r} is not fit for {filter!r}", name=path, filter=self.name) from fault


def _calls(source: str, known: Mapping[str, Filter]) -> tuple[_Call, ...] | None:
    calls, position = [], 0
    while position < len(source):
        found = _FILTER.match(source, position)
        if not found or found[1] not in known:
            return None
        call = _call(found[1], known[found[1]], found[2] or "")
        if call is None:
            return None
        calls.append(call)
        position = found.end()
    return tuple(calls)


def _call(name: str, function: Filter, arguments: str) -> _Call | None:
    try:
        written = ast.parse(f"f({arguments})", mode="eval").body
        args = tuple(ast.literal_eval(argument) for argument in getattr(written, "args", ()))
        kwargs = {str(word.arg): ast.literal_eval(word.value) for word in getattr(written, "keywords", ())}
    except (SyntaxError, ValueError):
        return None
    try:
        inspect.signature(function).bind(None, *args, **kwargs)
    except TypeError as fault:
        raise ValueError(f"filter {name!r}: {fault}") from None
    return _Call(name, function, args, kwargs)


def _evaluation(name: str, attributes: tuple[str, ...], calls: tuple[_Call, ...]) -> Evaluation:
    path = ".".join((name, *attributes))

    def evaluate(lookup: Lookup) -> object:
        value = lookup(name)
        for part in attributes:
            value = attribute(value, part)
        if is_blank(value):
            raise missing(path)
        for call in calls:
            value = call(value, path)
        return value

    return evaluate


def _sandboxed(source: str, locale: str) -> Expression:
    from notigate.render.compiling import compile_expression  # noqa: PLC0415 - Jinja2 costs 60 ms, and is rarely needed

    return Expression(*compile_expression(source, locale))
