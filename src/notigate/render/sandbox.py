"""The sandbox in which texts run: what a name without a value is, which filters and tests there are, and what may be spent.

Filters and tests that could blow up (`center`, `replace`, `odd`) are not there. What a text runs through is counted: loops,
and filters over lists, spend from one allowance, so that it ends soon whatever lists it is given.
Importing this module imports Jinja2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import lru_cache
from numbers import Number
from typing import TYPE_CHECKING, Any, cast

import jinja2
from jinja2 import nodes
from jinja2.filters import do_join
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notigate.render.fault import Unfit, missing
from notigate.render.formats import filters
from notigate.render.reader import ABSENT, attribute, is_blank

if TYPE_CHECKING:
    from jinja2.runtime import Context as Scope

Finish = Callable[[object], str]

#: what one rendering may run through in its loops and filters
ALLOWANCE = 100_000
#: characters of a value, and of what `join` sets between two
LONGEST, LONGEST_SEPARATOR = 64 * 1024, 100
_FILTERS = (
    *("capitalize", "count", "first", "join", "last", "length", "lower", "map", "max", "min"),
    *("reject", "rejectattr", "reverse", "select", "selectattr", "sort", "sum", "title", "trim", "unique", "upper"),
)
#: no text can write these names
SPEND, LEFT = "*spend", "*left"
_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length")
_TESTS = (
    *("defined", "undefined", "none", "true", "false", "number", "string", "in"),
    *("==", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "le", "gt", "ge", "equalto"),
)


class _Unknown(jinja2.StrictUndefined):
    """A name that nobody knows: a fault wherever it is used."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: object = None, name: str | None = None, fault: Unfit | None = None
    ) -> None:
        told = fault or (missing(str(name)) if name else Unfit(hint or "a value is missing"))
        super().__init__(hint, obj, name, cast("Any", lambda _message: told))


class Blank(_Unknown):
    """A name that is known and has no value: false in a condition, equal to nothing but another blank, a fault in print."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # as of all that compares by value and may not be a key

    def __bool__(self) -> bool:  # type: ignore[override]  # Jinja2 types it as never returning
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return isinstance(other, Blank) or is_blank(other)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return not self == other

    def _is_never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _is_never  # type: ignore[assignment]  # as of `who:`


class Sandbox(ImmutableSandboxedEnvironment):
    """What the texts of one language may use."""

    intercepted_binops = frozenset({"*", "+"})

    def __init__(self, locale: str, finish: Finish, *, autoescape: bool) -> None:
        super().__init__(
            undefined=_Unknown,
            autoescape=autoescape,
            finalize=_finalizer(finish),
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=0,
        )
        self.globals = {}
        self.tests = {name: self.tests[name] for name in _TESTS}
        own = {"default": _default, "join": _join, SPEND: _spend}
        self.filters = {name: self.filters[name] for name in _FILTERS} | own | dict(filters(locale))

    def call_binop(self, context: Scope, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        """Numbers are calculated with; texts are joined, up to a length."""
        if isinstance(left, Number) and isinstance(right, Number):
            return super().call_binop(context, operator, left, right)
        if operator == "*":
            raise Unfit("only numbers can be multiplied")
        return bounded(super().call_binop(context, operator, left, right))

    def getattr(self, obj: object, attribute_name: str) -> object:
        """What `a.b` is: of a value that texts may look into, or of a loop."""
        if isinstance(obj, jinja2.Undefined):
            return obj
        if isinstance(obj, LoopContext) and attribute_name in _LOOP:
            return getattr(obj, attribute_name)
        return self._met(obj, attribute_name, attribute(obj, attribute_name))

    def getitem(self, obj: Any, argument: Any) -> object:  # noqa: ANN401 - as in Jinja2
        """What `a[b]` is."""
        try:
            return self._met(obj, argument, obj[argument])
        except (TypeError, LookupError):
            return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined(name=str(argument))

    def _met(self, obj: object, name: str, value: object) -> object:
        if value is ABSENT:
            return self.undefined(obj=obj, name=name)
        return Blank(name=name) if is_blank(value) else value


def _finalizer(finish: Finish) -> Finish:
    def finalize(value: object) -> str:
        if value is None:
            raise Unfit("a value is missing")
        return str(value) if isinstance(value, jinja2.Undefined) else finish(value)

    return finalize


def _default(value: object, instead: object = "") -> object:
    """Unlike Jinja2's own, takes an empty cell for none; where neither is known, the first is what is missing."""
    unknown = isinstance(value, jinja2.Undefined)
    if unknown and isinstance(instead, jinja2.Undefined):
        return value
    return instead if unknown or is_blank(value) else value


def bounded(value: object) -> object:
    """The value, unless it is too long to be part of a text."""
    if isinstance(value, str) and len(value) > LONGEST:
        raise Unfit("a value is longer than {limit} characters", limit=LONGEST)
    return value


@jinja2.pass_context
def _spend(context: Scope, values: object) -> object:
    """What is run through is taken from the allowance of this rendering."""
    left = context.parent[LEFT]
    if isinstance(values, Sized):
        _take(left, len(values))
        return values
    return _each(cast("Iterable[object]", values), left)


def _each(values: Iterable[object], left: list[int]) -> Iterator[object]:
    for value in values:
        _take(left, 1)
        yield value


def _take(left: list[int], steps: int) -> None:
    left[0] -= steps
    if left[0] < 0:
        raise Unfit("its loops and filters run through more than {limit} items", limit=ALLOWANCE)


@jinja2.pass_eval_context
def _join(context: nodes.EvalContext, value: Iterable[object], d: str = "", attribute: str | int | None = None) -> str:
    """As Jinja2's own; the separator stands once for each item, so it is kept short."""
    if len(d) > LONGEST_SEPARATOR:
        raise Unfit("a separator is longer than {limit} characters", limit=LONGEST_SEPARATOR)
    return cast("str", do_join(context, value, d, attribute))


@lru_cache(maxsize=64)
def sandbox_of(locale: str, finish: Finish, *, autoescape: bool = False) -> Sandbox:
    """One for each language and medium; making it costs more than a text."""
    return Sandbox(locale, finish, autoescape=autoescape)
