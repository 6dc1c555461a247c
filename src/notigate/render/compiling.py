"""Jinja2 for texts that are more than names: checked, compiled, and cut down to what wording needs.

A text may print, choose and list. It may not call, assign, include or define anything.
Importing this module imports Jinja2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import jinja2
from jinja2 import meta, nodes
from jinja2.environment import TemplateExpression

from notigate.render.fault import Unfit, missing
from notigate.render.reader import ABSENT, Lookup, is_blank
from notigate.render.sandbox import ALLOWANCE, LEFT, SPEND, Blank, Finish, Sandbox, bounded, sandbox_of

#: loops in loops
_DEEPEST = 2
#: values that are joined by ~ in one text
_MOST_JOINED = 200
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Const),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Keyword),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Concat),
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
    sandbox = sandbox_of(locale, finish, autoescape=autoescape)
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
    sandbox = sandbox_of(locale, str)
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


def _compiled(tree: nodes.Template, sandbox: Sandbox) -> TemplateExpression:
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


def _counting(tree: nodes.Template, sandbox: Sandbox) -> nodes.Template:
    """The tree, in which loops and filters over lists spend from the allowance."""

    def spending(node: nodes.Expr) -> nodes.Filter:
        return nodes.Filter(node, SPEND, [], [], None, None, lineno=node.lineno, environment=sandbox)

    for one in list(tree.find_all((nodes.For, nodes.Filter))):
        if isinstance(one, nodes.For):
            one.iter = spending(cast("nodes.Expr", one.iter))
        elif isinstance(one, nodes.Filter) and one.name in _RUNNING and one.node is not None:
            one.node = spending(one.node)
    return tree


def _values(names: frozenset[str], lookup: Lookup) -> dict[str, Any]:
    found = ((name, _value(name, lookup)) for name in names)
    return {LEFT: [ALLOWANCE], **{name: value for name, value in found if value is not ABSENT}}


def _value(name: str, lookup: Lookup) -> object:
    try:
        value = lookup(name)
    except Unfit as fault:
        return Blank(name=name, fault=fault)
    return Blank(name=name) if value is not ABSENT and is_blank(value) else bounded(value)


def _check(tree: nodes.Template, sandbox: Sandbox) -> None:
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
