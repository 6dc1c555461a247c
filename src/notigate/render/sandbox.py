"""Jinja2 for texts that are more than names: strict, sandboxed, and cut down to what wording needs.

A text may print, choose and list. It may not call, assign, include or define anything; filters and tests that could blow
up (`center`, `replace`, `odd`) are not there. What it runs through is counted: loops, and filters over lists, spend from
one allowance, so a text ends soon whatever lists it is given.
Importing this module imports Jinja2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from functools import lru_cache
from numbers import Number
from typing import TYPE_CHECKING, Any, cast

import jinja2
from jinja2 import meta, nodes
from jinja2.environment import TemplateExpression
from jinja2.filters import do_join
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notigate.render.fault import Unfit, missing
from notigate.render.formats import filters
from notigate.render.reader import ABSENT, Lookup, attribute, is_blank

if TYPE_CHECKING:
    from jinja2.runtime import Context as Scope

Finish = Callable[[object], str]

#: loops in loops
_DEEPEST = 2
#: what one rendering may run through in its loops and filters
ALLOWANCE = 100_000
#: characters of a value, and of what `join` sets between two
LONGEST, LONGEST_SEPARATOR = 64 * 1024, 100
#: values that are joined by ~ in one text
_MOST_JOINED = 200
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Const),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Keyword),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Concat),
)
_FILTERS = (
    *("capitalize", "count", "first", "join", "last", "length", "lower", "map", "max", "min"),
    *("reject", "rejectattr", "reverse", "select", "selectattr", "sort", "sum", "title", "trim", "unique", "upper"),
)
#: those that look at every item
_RUNNING = frozenset(
    {
        "join",
        "list",
        "map",
        "max",
        "min",
        "reject",
        "rejectattr",
        "reverse",
        "select",
        "selectattr",
        "sort",
        "sum",
        "unique",
    }
)
#: no text can write these names
_SPEND, _LEFT = "*spend", "*left"
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


class _Blank(_Unknown):
    """A name that is known and has no value: false in a condition, equal to nothing but another blank, a fault in print."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # as of all that compares by value and may not be a key

    def __bool__(self) -> bool:  # type: ignore[override]  # Jinja2 types it as never returning
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return isinstance(other, _Blank) or is_blank(other)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return not self == other

    def _is_never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _is_never  # type: ignore[assignment]  # as of `who:`


class _Sandbox(ImmutableSandboxedEnvironment):
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
        own = {"default": _default, "join": _join, _SPEND: _spend}
        self.filters = {name: self.filters[name] for name in _FILTERS} | own | dict(filters(locale))

    def call_binop(self, context: Scope, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        if isinstance(left, Number) and isinstance(right, Number):
            return super().call_binop(context, operator, left, right)
        if operator == "*":
            raise Unfit("only numbers can be multiplied")
        return _bounded(super().call_binop(context, operator, left, right))

    def getattr(self, obj: object, attribute_name: str) -> object:
        if isinstance(obj, jinja2.Undefined):
            return obj
        if isinstance(obj, LoopContext) and attribute_name in _LOOP:
            return getattr(obj, attribute_name)
        return self._met(obj, attribute_name, attribute(obj, attribute_name))

    def getitem(self, obj: Any, argument: Any) -> object:  # noqa: ANN401 - as in Jinja2
        try:
            return self._met(obj, argument, obj[argument])
        except (TypeError, LookupError):
            return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined(name=str(argument))

    def _met(self, obj: object, name: str, value: object) -> object:
        if value is ABSENT:
            return self.undefined(obj=obj, name=name)
        return _Blank(name=name) if is_blank(value) else value


def _finalizer(finish: Finish) -> Finish:
    def finalize(value: object) -> str:
        if value is None:
            raise Unfit("a value is missing")
        return str(value) if isinstance(value, jinja2.Undefined) else finish(value)

    return finalize


def _default(value: object, instead: object = "") -> object:
    """Unlike Jinja2's own, takes an empty cell for none."""
    return instead if isinstance(value, jinja2.Undefined) or is_blank(value) else value


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST:
        raise Unfit("a value is longer than {limit} characters", limit=LONGEST)
    return value


@jinja2.pass_context
def _spend(context: Scope, values: object) -> object:
    """What is run through is taken from the allowance of this rendering."""
    left = context.parent[_LEFT]
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
def _sandbox(locale: str, finish: Finish, *, autoescape: bool = False) -> _Sandbox:
    return _Sandbox(locale, finish, autoescape=autoescape)


class Refused(ValueError):  # noqa: N818 - as in `Channel.refusal`
    """Source that cannot be compiled, with its line (from 1)."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


Pieces = Callable[[Lookup], Iterator[str]]


def compile_text(source: str, locale: str, finish: Finish, *, autoescape: bool) -> tuple[Pieces, frozenset[str]]:
    """Compile a text; returns what renders it piece by piece, and the names it reads.

    Raises:
        Refused: the source is no Jinja2, or asks for more than a text may.
    """
    sandbox = _sandbox(locale, finish, autoescape=autoescape)
    with _refusals():
        tree = sandbox.parse(source)
        _check(tree, sandbox)
        names = frozenset(meta.find_undeclared_variables(tree))
        template = sandbox.from_string(_counting(tree, sandbox))

    def pieces(lookup: Lookup) -> Iterator[str]:
        try:
            yield from template.root_render_func(template.new_context(_values(names, lookup), shared=True))
        except _MISFITS as fault:
            raise _misfit(fault) from fault

    return pieces, names


def compile_expression(source: str, locale: str) -> tuple[Callable[[Lookup], object], frozenset[str]]:
    """Compile one expression; returns what evaluates it, and the names it reads.

    Raises:
        Refused: as `compile_text`.
    """
    sandbox = _sandbox(locale, str)
    with _refusals():
        tree = sandbox.parse("{{ " + source + " }}")
        _check(tree, sandbox)
        names = frozenset(meta.find_undeclared_variables(tree))
        compiled = _compiled(_counting(tree, sandbox), sandbox)

    def evaluate(lookup: Lookup) -> object:
        try:
            value = compiled(_values(names, lookup))
        except _MISFITS as fault:
            raise _misfit(fault) from fault
        if is_blank(value) or isinstance(value, jinja2.Undefined):
            raise missing(str(getattr(value, "_undefined_name", None) or source))
        return value

    return evaluate, names


def _compiled(tree: nodes.Template, sandbox: _Sandbox) -> TemplateExpression:
    """As `Environment.compile_expression`, of an expression that is parsed and checked already."""
    printed = tree.body[0] if len(tree.body) == 1 else None
    if (
        not isinstance(printed, nodes.Output)
        or len(printed.nodes) != 1
        or isinstance(printed.nodes[0], nodes.TemplateData)
    ):
        raise Refused("this is no expression", 1)
    result = nodes.Assign(nodes.Name("result", "store", lineno=1), printed.nodes[0], lineno=1)
    return TemplateExpression(sandbox.from_string(nodes.Template([result], lineno=1)), undefined_to_none=False)


def _counting(tree: nodes.Template, sandbox: _Sandbox) -> nodes.Template:
    """The tree, in which loops and filters over lists spend from the allowance."""

    def spending(node: nodes.Expr) -> nodes.Filter:
        return nodes.Filter(node, _SPEND, [], [], None, None, lineno=node.lineno, environment=sandbox)

    for one in list(tree.find_all((nodes.For, nodes.Filter))):
        if isinstance(one, nodes.For):
            one.iter = spending(cast("nodes.Expr", one.iter))
        elif isinstance(one, nodes.Filter) and one.name in _RUNNING and one.node is not None:
            one.node = spending(one.node)
    return tree


def _values(names: frozenset[str], lookup: Lookup) -> dict[str, Any]:
    found = ((name, _value(name, lookup)) for name in names)
    return {_LEFT: [ALLOWANCE], **{name: value for name, value in found if value is not ABSENT}}


def _value(name: str, lookup: Lookup) -> object:
    try:
        value = lookup(name)
    except Unfit as fault:
        return _Blank(name=name, fault=fault)
    return _Blank(name=name) if value is not ABSENT and is_blank(value) else _bounded(value)


def _check(tree: nodes.Template, sandbox: _Sandbox) -> None:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise Refused(f"{type(node).__name__.lower()} has no place in a text", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in sandbox.filters:
            raise Refused(f"there is no filter {node.name!r}", node.lineno)
        if isinstance(node, nodes.Test) and node.name not in sandbox.tests:
            raise Refused(f"there is no test {node.name!r}", node.lineno)
    if sum(len(node.nodes) for node in tree.find_all(nodes.Concat)) > _MOST_JOINED:
        raise Refused(f"more than {_MOST_JOINED} values are joined by ~", 1)
    for loop in tree.find_all(nodes.For):
        if not isinstance(_root(loop.iter), nodes.Name):
            raise Refused("a loop runs over a named list", loop.lineno)
    _check_depth(tree, _DEEPEST)


def _root(node: nodes.Node) -> nodes.Node:
    while isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Filter)) and node.node is not None:
        node = node.node
    return node


def _check_depth(tree: nodes.Node, left: int) -> None:
    for node in tree.iter_child_nodes():
        if isinstance(node, nodes.For) and not left:
            raise Refused("loops are nested too deeply", node.lineno)
        _check_depth(node, left - isinstance(node, nodes.For))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except jinja2.TemplateSyntaxError as fault:
        raise Refused(str(fault.message), fault.lineno) from None
    except (RecursionError, SyntaxError, MemoryError):
        raise Refused("brackets are nested too deeply", 1) from None


#: what a value can do to the operators, filters and tests of a text
_MISFITS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, jinja2.TemplateError)


def _misfit(fault: Exception) -> Unfit:
    """Tells the kind alone: messages of Python may hold values."""
    return Unfit("a value does not fit the text ({kind})", kind=type(fault).__name__)
