"""Read an expression: tokens, then recursive descent with one method a level of binding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from notigate.criteria.meaning import (
    COMPARISONS,
    Term,
    all_of,
    any_of,
    column,
    compare,
    constant,
    listed,
    negate,
    today,
    within,
)
from notigate.errors import NotigateError

if TYPE_CHECKING:
    from notigate.criteria.meaning import Test, Value


class CriterionError(NotigateError):
    """An expression cannot be read; `column` counts from 1. The catalogue adds file and line."""


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


_TOKEN = re.compile(
    r"""
      (?P<number> -?[0-9]+(?:\.[0-9]+)? )
    | (?P<text> '[^']*' | "[^"]*" )
    | (?P<name> [^\W\d]\w* )
    | (?P<sign> [=!<>]= | [<>()\[\],] )
    | (?P<blank> \s+ )
    | (?P<strange> . )
    """,
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in"})
_TRUTHS = {"true": True, "True": True, "false": False, "False": False}

#: brackets within brackets; more is a slip
_DEEPEST = 20


def parse(text: str) -> tuple[Test, frozenset[str], bool]:
    """The test that `text` describes, the columns it names, and whether it speaks of today."""
    parser = _Parser(_tokens(text))
    return parser.whole(), frozenset(parser.names), parser.asks_today


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        kind, found, position = str(match.lastgroup), match[0], match.start() + 1
        if kind == "strange":
            raise CriterionError("column {column}: `{found}` means nothing here", column=position, found=found)
        if kind != "blank":
            tokens.append(_Token("sign" if found in _WORDS else kind, found, position))
    return [*tokens, _Token("end", "", len(text.rstrip()) + 1)]


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.names: set[str] = set()
        self.asks_today = False
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Test:
        test = self._any()
        if self._next().kind != "end":
            raise self._unexpected("`and`, `or` or the end")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._take("or"):
            tests.append(self._all())
        return any_of(tests)

    def _all(self) -> Test:
        tests = [self._not()]
        while self._take("and"):
            tests.append(self._not())
        return all_of(tests)

    def _not(self) -> Test:
        negative = False
        while self._take("not"):
            negative = not negative
        test = self._group() if self._take("(") else self._comparison()
        return negate(test) if negative else test

    def _group(self) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._unexpected("something simpler")
        test = self._any()
        if not self._take(")"):
            raise self._unexpected("`)`")
        self._depth -= 1
        return test

    def _comparison(self) -> Test:
        left = self._term()
        if sign := self._take(*COMPARISONS):
            return compare(sign, left, self._term())
        negative = self._take("not")
        if self._take("in"):
            test = within(left.value, self._many())
            return negate(test) if negative else test
        if negative:
            raise self._unexpected("`in`")
        return left.test

    def _many(self) -> Value:
        """What stands behind `in`: a list of values, or a column that lists several."""
        opening = self._take("[", "(")
        if not opening:
            if self._next().kind != "name":
                raise self._unexpected("a list or a column")
            return listed(self._term().value)
        values = tuple(self._values("]" if opening == "[" else ")"))
        return lambda _facts, _today: values

    def _values(self, closing: str) -> list[object]:
        values: list[object] = []
        while not self._take(closing):
            if self._next().kind not in ("text", "number"):
                raise self._unexpected("a value")
            values.append(self._term().constant)
            if not self._take(",") and self._next().text != closing:
                raise self._unexpected(f"`,` or `{closing}`")
        return values

    def _term(self) -> Term:
        kind, text, _ = self._next()
        if kind not in ("name", "text", "number"):
            raise self._unexpected("a column or a value")
        self._at += 1
        if kind == "text":
            return constant(text[1:-1])
        if kind == "number":
            return constant(float(text) if "." in text else int(text))
        return constant(_TRUTHS[text]) if text in _TRUTHS else self._name(text)

    def _name(self, name: str) -> Term:
        if name == "today":
            self.asks_today = True
            return today()
        self.names.add(name)
        return column(name)

    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *signs: str) -> str:
        """Step over one of `signs` when it comes next; empty when it does not."""
        token = self._next()
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._at += 1
        return token.text

    def _unexpected(self, wanted: str) -> CriterionError:
        token = self._next()
        found = f"`{token.text}`" if token.text else "the end"
        message = "column {column}: {found} where {wanted} should stand"
        return CriterionError(message, column=token.column, found=found, wanted=wanted)
