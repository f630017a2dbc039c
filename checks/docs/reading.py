"""Reading a formula as documentation types it, in Python's words: `max(x, 0)`, `x if x > 0 else 0`.

The text is parsed by `ast` and never run. Only what stands here and in `vocabulary` is understood;
all else is `UnreadableError`, with why. `^` is a power, as formulas mean it, |x| the absolute
value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sympy
from sympy import Rational, S

from ...spec.catalogue import catalogue
from .typed import parsed
from .vocabulary import (
    EACH,
    EXTREMES,
    NUMBERS,
    ROWS,
    UnreadableError,
    Value,
    applied,
    condition,
    each,
    over,
    pieces,
    power,
    shortened,
    where,
)

Known = Mapping[str, Value]

_NUMBER = re.compile(r"[0-9]{1,40}\.?[0-9]{0,40}(e[+-]?[0-9]{1,2})?|\.[0-9]{1,40}")
LIBRARIES = {"np", "numpy", "jnp", "tf", "math", "ops", "torch", "F", "K", "keras", "jax", "nn"}


def read(text: str, known: Known, barred: Iterable[str] = ()) -> Value:
    """The value of a formula in the inputs that are known by name.

    `barred` are functions of the book that may not be called: a formula says nothing that is in
    terms of itself.
    """
    return _Reader(known, frozenset(barred)).whole(parsed(text, "eval").body)


def read_block(text: str, known: Known, barred: Iterable[str] = ()) -> Value:
    """The value of the last assignment of several lines; those before it name parts."""
    tree = parsed(text, "exec")
    if not tree.body:
        raise UnreadableError("there is nothing to read")
    reader = _Reader(dict(known), frozenset(barred))
    return [reader.statement(node) for node in tree.body][-1]


def cases(lines: Iterable[tuple[str, str]], known: Known, barred: Iterable[str] = ()) -> Value:
    """The value of lines `value if condition`; the condition "" is "otherwise"."""
    reader = _Reader(known, frozenset(barred))
    parts = []
    for value, test in lines:
        then = reader.whole(parsed(value, "eval").body)
        when = reader.whole(parsed(test, "eval").body) if test else S.true
        parts.append((then, when))
    return pieces(parts)


# ---------------------------------------------------------------- syntax


class _Reader:
    """The rules by kind of node. Not a public type: `read` and its like are."""

    def __init__(self, known: Known, barred: frozenset[str]) -> None:
        self.known = known
        self.barred = barred

    def value(self, node: Any) -> Value:
        rule = _RULES.get(type(node))
        if rule is None:
            raise UnreadableError(f"{shortened(ast.unparse(node))} is beyond what is read")
        return rule(self, node)

    def whole(self, node: ast.expr) -> Value:
        """The value of a node, where it is real numbers."""
        try:
            found = self.value(node)
        except (TypeError, RecursionError):  # a number as a condition, a tower of brackets
            raise UnreadableError(f"{shortened(ast.unparse(node))} makes no sense") from None
        for item in found if isinstance(found, tuple) else (found,):
            if item.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
                raise UnreadableError("it has no real value")
        return found

    def constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise UnreadableError(f"{shortened(repr(node.value))} is no number")
        typed = str(node.kind)
        if not _NUMBER.fullmatch(typed):
            raise UnreadableError(f"{shortened(typed)} is no number of a formula")
        return Rational(typed)

    def name(self, node: ast.Name) -> Value:
        if node.id in self.known:
            return self.known[node.id]
        if node.id in NUMBERS:
            return NUMBERS[node.id]
        raise UnreadableError(f"nothing says what {node.id!r} is")

    def binary(self, node: ast.BinOp) -> Value:
        rule = _OPERATORS.get(type(node.op))
        if rule is None:
            raise UnreadableError(f"{shortened(ast.unparse(node))} has an operator no formula has")
        return each(rule, self.value(node.left), self.value(node.right))

    def unary(self, node: ast.UnaryOp) -> Value:
        inside = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return each(lambda test: sympy.Not(condition(test)), inside)
        return each(lambda x: -x, inside) if isinstance(node.op, ast.USub) else inside

    def chosen(self, node: ast.IfExp) -> Value:
        test, yes, no = map(self.value, (node.test, node.body, node.orelse))
        return each(where, test, yes, no)

    def comparison(self, node: ast.Compare) -> Value:
        sides = [self.value(side) for side in (node.left, *node.comparators)]
        found = []
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            rule = _RELATIONS.get(type(op))
            if rule is None:
                raise UnreadableError(
                    f"{shortened(ast.unparse(node))} has a comparison no formula has"
                )
            found.append(each(rule, left, right))
        return each(sympy.And, *found)

    def joined(self, node: ast.BoolOp) -> Value:
        rule = sympy.And if isinstance(node.op, ast.And) else sympy.Or
        return each(lambda *tests: rule(*map(condition, tests)), *map(self.value, node.values))

    def call(self, node: ast.Call) -> Value:
        name = _called(node)
        given = [self.value(a) for a in node.args]
        options = {k.arg: k.value for k in node.keywords}
        if name in EACH and len(given) == EACH[name][0] and not options:
            return each(EACH[name][1], *given)
        if name in EXTREMES and len(given) > 1 and not options:
            return each(EXTREMES[name], *given)
        if (name in ROWS or name in EXTREMES) and len(given) == 1:
            _last_axis(options)
            if name in ROWS:
                return ROWS[name](given[0])
            row = given[0]
            return EXTREMES[name](*row) if isinstance(row, tuple) else row
        return self.book(name, given, options)

    def book(self, name: str, given: list[Value], options: Mapping[Any, ast.expr]) -> Value:
        function = catalogue().get(name)
        if function is None:
            raise UnreadableError(f"{name!r} is no function that is read")
        if name in self.barred:
            raise UnreadableError(f"it says what {name} is in terms of {name}")
        if set(options) == {"axis"}:
            _last_axis(options)
            options = {}
        return applied(function, given, {str(k): self.value(v) for k, v in options.items()})

    def statement(self, node: ast.stmt) -> Value:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], self.whole(node.value)
        elif isinstance(node, ast.For):
            target, value = self.loop(node)
        else:
            raise UnreadableError(f"{shortened(ast.unparse(node))} is no assignment")
        if not isinstance(target, ast.Name):
            raise UnreadableError(f"{shortened(ast.unparse(target))} is assigned to")
        self.known = {**self.known, target.id: value}
        return value

    def loop(self, node: ast.For) -> tuple[ast.expr, Value]:
        """`for x in row: if ...: out.append(...)`: a row made entry by entry."""
        row = self.value(node.iter)
        if not isinstance(row, tuple) or not isinstance(node.target, ast.Name) or node.orelse:
            raise UnreadableError("a loop over what is no row")
        targets: list[ast.expr] = []
        entries = []
        for entry in row:
            inner = _Reader({**self.known, node.target.id: entry}, self.barred)
            entries.append(pieces(list(inner.appended(node.body, targets))))
        return targets[0], tuple(entries)

    def appended(
        self, body: list[ast.stmt], targets: list[ast.expr]
    ) -> Iterator[tuple[Value, Value]]:
        """What the branches of a loop's body append, and when."""
        (node,) = body if len(body) == 1 else (None,)
        if isinstance(node, ast.If):
            yield from (
                (value, sympy.And(self.value(node.test), when))
                for value, when in self.appended(node.body, targets)
            )
            if node.orelse:
                yield from self.appended(node.orelse, targets)
            return
        call = node.value if isinstance(node, ast.Expr) else None
        if (
            not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Attribute)
            or call.func.attr != "append"
            or len(call.args) != 1
        ):
            raise UnreadableError("a loop that does more than append")
        targets.append(call.func.value)
        yield self.value(call.args[0]), S.true


_RULES: dict[type, Callable[[_Reader, Any], Value]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.IfExp: _Reader.chosen,
    ast.Compare: _Reader.comparison,
    ast.BoolOp: _Reader.joined,
    ast.Call: _Reader.call,
}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: over,
    ast.Pow: power,
}
_RELATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: sympy.Lt,
    ast.LtE: sympy.Le,
    ast.Gt: sympy.Gt,
    ast.GtE: sympy.Ge,
    ast.Eq: sympy.Eq,
    ast.NotEq: sympy.Ne,
}


def _called(node: ast.Call) -> str:
    """The name of what is called: `exp`, and `np.exp` of a library for arrays."""
    owner = node.func
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    if not isinstance(owner, ast.Name) or (
        isinstance(node.func, ast.Attribute) and owner.id not in LIBRARIES
    ):
        raise UnreadableError(f"{shortened(ast.unparse(node.func))} is no function that is read")
    return node.func.attr if isinstance(node.func, ast.Attribute) else owner.id


def _last_axis(options: Mapping[Any, ast.expr]) -> None:
    said = {k: ast.unparse(v) for k, v in options.items()}
    if said not in ({}, {"axis": "-1"}, {"dim": "-1"}):
        raise UnreadableError(f"it reduces over more than the last axis: {said}")
