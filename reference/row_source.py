"""The source of a function along an axis: rows, their sums computed once, what these may cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..spec import derive, symbols
from ..spec.alignments import Alignments
from ..spec.function import Function, Parameter, Variable
from ..spec.special import Largest
from .once import Terms
from .render import identifier, once, over_paths, render, whole_number
from .source import arguments, assignments, in_steps, kept, partials, returned


@kept
def axis_source(function: Function) -> str:
    """Source of `row(...)` -> (value, first, second, slack), functions of indices for one row.

    `value(i)`; `first[a](i, k)` for an input at position a in `partials`; `second[a, b](i, k, m)`
    for an input and a variable; an index is 0 for an input that is one number. `slack[None](i)`
    and `slack[a](i, k)` tell what the sums in a result may cost it: see `_summing`. Sums that
    depend on no index are computed once for the row.
    """
    inputs = partials(function)
    derivatives: dict[Any, Any] = {"value": derive.value(function)}
    for a, v in enumerate(inputs):
        derivatives["first", a] = derive.gradient(function, v)
        for b, w in enumerate(function.variables):
            derivatives["second", (a, b)] = _mixed(function, v, w)
    derivatives["slack", None] = _summing(derivatives["value"])
    for a in range(len(inputs)):
        derivatives["slack", a] = _summing(derivatives["first", a])
    return _row_source(function, derivatives)


@kept
def row_value_source(function: Function) -> str:
    """As `axis_source`, of the value, and of the divisor of the mean as `first[0]`."""
    divisor = derive.in_pieces(function.divisor)
    return _row_source(function, {"value": derive.value(function), ("first", 0): divisor})


def _summing(expression: Any) -> Any:
    """What one rounding of every partial sum could do: |d/ds| times sum of |terms|, over sums s.

    A sum over n terms, computed pairwise, has log2(n) of them, and each term is rounded once. It
    is what an implementation that computes the definition's sums well has to pay: the log of a sum
    near 1, or the difference of two distances, is no better than the sums are. The same for what
    is added to a sum by hand: 1 - 2 I / (P + T), margin + d1 - d2.
    """
    found = []
    bound = {s.limits[0][0] for s in expression.atoms(sympy.Sum, Largest)} | {symbols.path.label}
    for s in sorted(expression.atoms(sympy.Sum, Alignments, sympy.Add), key=str):
        if s.free_symbols & bound or not s.has(sympy.Sum, Alignments):
            continue  # inside another sum, which counts its terms; or nothing is summed there
        held = sympy.Dummy("s", real=True)
        slope = sympy.diff(expression.xreplace({s: held}), held).xreplace({held: s})
        found.append(sympy.Abs(slope) * _magnitude(s))
    return sympy.Add(*found, *_along_paths(expression))


def _along_paths(expression: Any) -> list[Any]:
    """The same for the sums along each path: what their roundings do, path by path, to a result.

    Each has one of its own, and a result takes the paths in several sums: so slopes add up in the
    path before their sizes do over the paths.
    """
    held = {a: sympy.Dummy(real=True) for a in expression.atoms(Alignments)}
    body, back = expression.xreplace(held), {d: a for a, d in held.items()}
    found = []
    for s in sorted({s for a in held for s in _sums_along(a)}, key=str):
        one = sympy.Dummy(real=True)
        slopes = (
            sympy.diff(body, d).xreplace(back)
            * (sympy.diff(a.function.xreplace({s: one}), one) / sympy.exp(one)).xreplace({one: s})
            for a, d in held.items()
        )
        size = sympy.exp(s) * sympy.Abs(sympy.Add(*slopes)) * _magnitude(s)
        found.append(Alignments(size, *next(iter(held)).args[1:]))
    return found


def _sums_along(paths: Alignments) -> list[Any]:
    sums = paths.function.atoms(sympy.Sum)
    return [s for s in sums if symbols.path.label in s.free_symbols]


def _magnitude(s: Any) -> Any:
    """The sum of the sizes of the terms."""
    if isinstance(s, sympy.Sum):
        return sympy.Sum(sympy.Abs(s.function), *s.limits)
    if isinstance(s, Alignments):
        factors = sympy.Mul.make_args(s.function)
        return s.func(sympy.Mul(*map(_size, factors)), *s.args[1:])
    return sympy.Add(*map(sympy.Abs, s.args))


def _row_source(function: Function, derivatives: dict[Any, Any]) -> str:
    entry = (symbols.k, symbols.m, symbols.h, symbols.g)
    indices = (symbols.i, symbols.j, *entry, symbols.path.label)
    bound = {s.limits[0][0] for e in derivatives.values() for s in e.atoms(sympy.Sum, Largest)}
    count = sympy.Dummy("outputs", integer=True)
    expressions = list(derivatives.values())
    if function.outputs != symbols.n:
        expressions = [sympy.sympify(e).xreplace({function.outputs: count}) for e in expressions]
    terms = Terms()
    weights, expressions = _path_weights(expressions, entry, terms)
    shared, reduced = _row_sums(expressions, indices)
    shared = [(name, terms.out_of(s)) for name, s in shared]
    reduced = [terms.out_of(sympy.sympify(e)) for e in reduced]
    inputs = ", ".join([identifier(symbols.n), *arguments(function)])
    lines = [f"def row({inputs}):"]
    lines += [
        *_lengths(function),
        f"    {identifier(count)} = {whole_number(function.outputs)}",
        *_once(terms),
        *weights,
        *assignments(shared, "    "),
    ]
    given = ", ".join(f"{identifier(s)}=0" for s in (symbols.i, symbols.k, symbols.m))
    groups: dict[str, list[str]] = {"first": [], "second": [], "slack": []}
    for place, (key, expression) in enumerate(zip(derivatives, reduced, strict=True)):
        name = "value" if key == "value" else f"part_{place}"
        ignored = (*bound, symbols.j, symbols.path.label)
        replacements, (result,) = in_steps([expression], ignored)
        lines += [f"    def {name}({given}):", *_rows_and_places(function, key)]
        lines += assignments(replacements, "        ")
        lines.append(f"        return {returned(result)}")
        if key != "value":
            groups[key[0]].append(f"{key[1]!r}: {name}")
    parts = ", ".join("{" + ", ".join(group) + "}" for group in groups.values())
    lines.append(f"    return value, {parts}")
    return "\n".join(lines)


def _once(terms: Terms) -> list[str]:
    """Lines for what is computed once for each place that it is asked for."""
    lines = []
    for number, places, term in terms.definitions:
        names = ", ".join(map(identifier, places))
        lines += [
            "    @cache",
            f"    def {once(number)}({names}):",
            f"        return {render(term)}",
        ]
    return lines


def _size(factor: Any) -> Any:
    """|factor|, which SymPy would write anew where it has no sign to lose."""
    return factor if isinstance(factor, sympy.exp | sympy.KroneckerDelta) else sympy.Abs(factor)


def _lengths(function: Function) -> list[str]:
    """Lines for how many rows a matrix has, and how many entries a row of another length."""
    lines = []
    for v in function.variables:
        if v.along_axis and v.shape[0] != symbols.n:
            over = f" // {identifier(symbols.n)}" if len(v.shape) == 2 else ""
            lines.append(f"    {identifier(v.shape[0])} = len({identifier(v.symbol.label)}){over}")
    return lines


def _rows_and_places(function: Function, key: Any) -> list[str]:
    """Lines that tell the row of a matrix's entry, and its place there, from that in the list.

    The key names the inputs that a derivative is taken in: none for the value.
    """
    taken = key[1] if isinstance(key[1], tuple) else (key[1],)
    inputs = dict(enumerate(partials(function))) if key != "value" else {}
    pairs = ((symbols.h, symbols.k), (symbols.g, symbols.m))
    return [
        f"        {identifier(row)}, {identifier(place)} = "
        f"divmod({identifier(place)}, {identifier(symbols.n)})"
        for position, (row, place) in zip(taken, pairs, strict=False)
        if len(getattr(inputs.get(position), "shape", ())) == 2
    ]


def _path_weights(
    expressions: list[Any], entry: Sequence[Any], terms: Terms
) -> tuple[list[str], list[Any]]:
    """Compute what a path weighs once, not again for every pair of entries of a derivative."""
    lines, known = [], dict[Any, Any]()
    found = sorted({a for e in expressions for a in e.atoms(Alignments)}, key=str)
    for paths in sorted(found, key=lambda a: -len(a.atoms(Alignments))):  # outer ones first
        factors = sympy.Mul.make_args(paths.function)
        weight = sympy.Mul(*(f for f in factors if _weighs(f, entry)))
        if weight not in known:
            known[weight] = sympy.IndexedBase(sympy.Dummy(f"p{len(known)}"), real=True)
            name, path = map(identifier, (known[weight].label, symbols.path.label))
            text = render(terms.out_of(weight))
            lines.append(f"    {name} = {{{path}: {text} {over_paths(paths)}}}")
        rest = paths.function / weight
        lighter = paths.func(known[weight][symbols.path.label] * rest, *paths.args[1:])
        expressions = [e.xreplace({paths: lighter}) for e in expressions]
    return lines, expressions


def _weighs(factor: Any, entry: Sequence[Any]) -> bool:
    """Whether a factor depends on the path, and on nothing that a derivative is taken in."""
    free = factor.free_symbols
    return symbols.path.label in free and not free & set(entry)


def _mixed(function: Function, v: Variable | Parameter, w: Variable) -> Any:
    """The second derivative that the condition of a gradient needs.

    Where `w` sums to one, an implementation may use that: softmax - target for the gradient of
    cross-entropy. So the sum is put as 1 first, and C counts the target by itself.
    """
    if not w.simplex or v is w or not v.along_axis:
        return derive.second(function, v, w)
    gradient = derive.gradient(function, v)
    held = {s: sympy.Dummy() for s in gradient.atoms(sympy.Sum) if _is_share_of(s, w, function)}
    mixed = sympy.diff(gradient.xreplace(held), w.symbol[symbols.m])
    return derive.collapse(mixed.xreplace({d: s for s, d in held.items()}))


def _is_share_of(s: Any, w: Variable, function: Function) -> bool:
    """Whether a sum is that of `w`'s entries, each perhaps times the weight of its class."""
    rest = s.function / w.symbol[s.limits[0][0]]
    inputs = {v.symbol for v in function.variables}
    return not any(getattr(e, "base", e) in inputs for e in rest.free_symbols)


def _row_sums(expressions: list[Any], indices: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Take the sums that no free index enters out of the expressions, innermost first."""
    taken: list[Any] = []
    while True:
        fixed = {
            s
            for e in expressions
            for s in e.atoms(sympy.Sum, Largest, Alignments)
            if not (s.free_symbols & set(indices))
        }
        sums = {s for s in fixed if not fixed & s.function.atoms(sympy.Sum, Largest, Alignments)}
        if not sums:
            return taken, expressions
        for s in sorted(sums, key=str):
            name = sympy.Dummy(f"s{len(taken)}", real=True)
            taken.append((name, s))
            expressions = [e.xreplace({s: name}) for e in expressions]
