"""Applied functions in an expression, and what they stand for: their definitions put in.

A function along an axis is applied to its entry with index `i`: `softmax(z[i] + c)` stands for
the softmax of the vector with entries z[0] + c, z[1] + c, ...; its value is again the entry with
index i. A row may also be written out, `logsumexp(Tuple(x, 0))`; `entry(softmax(Tuple(x, 0)), 0)`
is an entry of such a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Derivative, Sum

from . import derive, symbols
from .alignments import Alignments
from .catalogue import find
from .errors import SpecError
from .function import Function
from .special import Largest, attains, is_positive, plain, positive_part

_SPELLED = (attains, is_positive, positive_part)


def applications(expression: Any) -> list[Any]:
    """The applied spec functions in an expression, inner ones first."""
    found = expression.atoms(sympy.core.function.AppliedUndef)
    return sorted(found, key=lambda a: (len(a.atoms(sympy.core.function.AppliedUndef)), str(a)))


def definition_of(application: Any, own: Mapping[str, Function] | None = None) -> Function:
    """The function that an application names.

    Raises `SpecError` for a name that is neither in the book nor among `own`.
    """
    name = application.func.__name__
    if own and name in own:
        return own[name]
    try:
        return find(name)
    except LookupError:
        raise SpecError(f"identities: unknown function {name!r} in {application}") from None


def expand(expression: Any, own: Mapping[str, Function] | None = None) -> Any:
    """The expression with definitions put in and derivatives carried out."""
    while True:
        found = applications(expression)
        if not found:
            break
        innermost = found[0]
        expression = _replace(expression, innermost, _unfolded(innermost, own))
    return derive.collapse(expression.doit(deep=True) if expression.has(Derivative) else expression)


def _replace(expression: Any, old: Any, new: Any) -> Any:
    """Replace also inside derivatives, which `subs` would leave alone."""
    if expression == old:
        return new
    if not getattr(expression, "args", ()):
        return expression
    args = [_replace(a, old, new) for a in expression.args]
    if isinstance(expression, Derivative):
        if args[0].atoms(sympy.core.function.AppliedUndef):
            return Derivative(args[0], *expression.variable_count, evaluate=False)
        return derive.collapse(sympy.diff(args[0], *expression.variable_count))
    return expression.func(*args)


def _unfolded(application: Any, own: Mapping[str, Function] | None) -> Any:
    function = definition_of(application, own)
    values = dict(
        zip(
            (p.symbol for p in function.parameters),
            (p.default for p in function.parameters),
            strict=True,
        )
    )
    given = application.args
    variables, rest = given[: len(function.variables)], given[len(function.variables) :]
    values |= dict(zip((p.symbol for p in function.parameters), rest, strict=False))
    body = plain(derive.in_pieces(function.expression.subs(function.constants)))
    if any(isinstance(argument, sympy.Tuple) for argument in variables):
        return _written_out(function, values, variables)
    if not function.along_axis:
        stand_ins = {v.symbol: symbols.fresh(v.symbol) for v in function.variables}
        stand_ins |= {s: symbols.fresh(s) for s in values}
        body = body.subs(stand_ins, simultaneous=True)
        arguments = dict(zip(stand_ins.values(), (*variables, *values.values()), strict=True))
        return body.subs(arguments, simultaneous=True)
    return _unfold_rows(function, _with_parameters(function, body, values), variables)


def _with_parameters(function: Function, body: Any, values: dict[Any, Any]) -> Any:
    """Put the parameters of a function along an axis in; a row of them is one number repeated."""
    numbers = {s: v for s, v in values.items() if not hasattr(s, "label")}
    rows = {s: v for s, v in values.items() if hasattr(s, "label")}
    body = body.replace(
        lambda e: isinstance(e, sympy.Indexed) and e.base in rows, lambda e: rows[e.base]
    )
    return body.subs(numbers, simultaneous=True)


def _unfold_rows(function: Function, body: Any, variables: Any) -> Any:
    """Put the entries of the argument vectors in for z[0], z[1], ..."""
    entries: dict[Any, Any] = {}
    numbers = {}
    output = symbols.i
    for v, argument in zip(function.variables, variables, strict=True):
        if not v.along_axis:
            numbers[v.symbol] = argument
            continue
        own_index = _index_of(argument)
        entries[v.symbol] = (argument, own_index)
        output = own_index

    def entry(e: Any) -> Any:
        argument, own_index = entries[e.base]
        return argument.xreplace({own_index: e.indices[0]})

    body = body.replace(lambda e: isinstance(e, sympy.Indexed) and e.base in entries, entry)
    body = body.subs(numbers, simultaneous=True)
    return body.xreplace({symbols.i: output}) if function.row_output else body


def _index_of(argument: Any) -> Any:
    """The index that counts the entries of a row; not one that a sum in the argument binds."""
    used = {e.indices[0] for e in argument.atoms(sympy.Indexed)}
    return next((index for index in sorted(used, key=str) if argument.has_free(index)), symbols.i)


def _written_out(function: Function, values: Mapping[Any, Any], variables: Any) -> Any:
    """A function along an axis at rows of a length that is known: sums term by term."""
    sizes = _sizes(function, variables)
    body = function.expression.subs(function.constants)
    body = _with_parameters(function, body, dict(values)).subs(sizes)
    bases = {v.symbol: r for v, r in zip(function.variables, variables, strict=True)}
    body = body.replace(
        lambda e: isinstance(e, Alignments),
        lambda e: e.func(e.function, bases[e.args[1]], e.args[2]),
    )

    def number(e: Any) -> Any:
        found = bases[e.base]
        for index in e.indices:
            found = found[int(index)]
        return found

    def at(place: int) -> Any:
        terms = term_by_term(body.subs(symbols.i, place))
        terms = terms.replace(lambda e: isinstance(e, sympy.Indexed) and e.base in bases, number)
        terms = terms.xreplace({v: r for v, r in bases.items() if not hasattr(v, "label")})
        return plain(_all_in_pieces(terms))

    if not function.row_output:
        return at(0)
    return sympy.Tuple(*(at(place) for place in range(function.entries(sizes[symbols.n]))))


def _sizes(function: Function, variables: Any) -> dict[Any, int]:
    """How long the rows are that are written out: n, and whatever else the shapes name."""
    sizes: dict[Any, int] = {}
    for v, rows in zip(function.variables, variables, strict=True):
        for size in v.shape if v.along_axis else ():
            length = len(rows) if isinstance(rows, sympy.Tuple) else None
            if length is None or sizes.setdefault(size, length) != length:
                raise SpecError(
                    f"identities: {function.name} takes rows of one length, all written out"
                )
            rows = rows[0]
    return sizes


def _all_in_pieces(expression: Any) -> Any:
    """As `derive.in_pieces`, the comparisons included."""
    relations = expression.atoms(sympy.core.relational.Relational)
    pieced = {r: r.func(derive.in_pieces(r.lhs), derive.in_pieces(r.rhs)) for r in relations}
    return derive.in_pieces(expression.xreplace(pieced))


def term_by_term(expression: Any) -> Any:
    """Sums and largest terms over a range of numbers carried out, the inner ones first.

    SymPy's own `doit` takes a Piecewise out of a sum where it may not.
    """
    if not getattr(expression, "args", ()) or isinstance(expression, sympy.Indexed):
        return expression
    if isinstance(expression, Alignments):
        term = term_by_term(expression.function)
        return sympy.Add(*(term.xreplace(path) for path in expression.paths))
    if not isinstance(expression, Sum | Largest):
        found = expression.func(*map(term_by_term, expression.args))
        return found.doit(deep=False) if isinstance(found, _SPELLED) else found
    join = sympy.Add if isinstance(expression, Sum) else sympy.Max
    found = term_by_term(expression.function)
    for index, low, high in expression.limits:
        places = map(sympy.Integer, range(int(low), int(high) + 1))
        found = join(*(found.xreplace({index: place}) for place in places))
    return found
