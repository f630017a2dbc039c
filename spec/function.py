"""The one type of the law book: a Function, mathematics without precision.

A definition states the expression and facts that are independent of it (kinks, special values,
range, parity, identities). Everything else (gradient, second derivative, limits, LaTeX)
follows in `derive.py`. Each stated fact cross-checks the expression in `verify.py`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sympy
from sympy import Expr, FiniteSet, Float, IndexedBase, Reals, S, Set, Symbol

from . import symbols
from .errors import SpecError
from .references import Reference

REDUCTIONS = ("none", "mean", "sum", "batchmean")


@dataclass(frozen=True)
class Variable:
    """An input. A `Symbol` is one number; an `IndexedBase` is a row of n numbers along an axis.

    `domain` holds each entry. `called` is its name where the symbol's own is another.
    `per_channel` marks a variable that is shared by all elements of a
    channel (the weight of PReLU). `simplex` marks a row whose entries sum to one, which may also
    be given as a class index; `one_hot` a row with a single 1, which is always given as one.
    `masked` marks a row in which -oo is an ordinary entry.
    `shape` is (n,) for a row, (T, n) for a matrix of T rows along the axis, (S,) for a row of
    another length. Entries in `Naturals` are labels: whole numbers below n, given as integers.
    """

    symbol: Any
    domain: Set = Reals
    called: str = ""
    differentiable: bool = True
    per_channel: bool = False
    simplex: bool = False
    one_hot: bool = False
    masked: bool = False
    shape: tuple[Symbol, ...] = (symbols.n,)

    def __post_init__(self) -> None:
        if self.domain == Reals:  # one object, so that `is` tells at once
            object.__setattr__(self, "domain", S.Reals)

    @cached_property  # asked for each call, as `labels` is: SymPy takes its time to print
    def name(self) -> str:
        return self.called or _NAMES.get(self.symbol, str(self.symbol))

    @property
    def along_axis(self) -> bool:
        return isinstance(self.symbol, IndexedBase)

    @cached_property
    def labels(self) -> bool:
        """Whether the entries are labels, 1 to n - 1, where 0 is no label but the blank."""
        return bool(self.domain == S.Naturals)

    @property
    def written(self) -> str:
        """The shape as it is said: (T, n)."""
        return f"({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"

    def at(self, index: Any, row: Any) -> Any:
        """What a derivative in an entry is taken in: z[k], and z[h, k] of a matrix."""
        if not self.along_axis:
            return self.symbol
        return self.symbol[row, index] if len(self.shape) == 2 else self.symbol[index]


_NAMES = {
    symbols.prediction: "prediction",
    symbols.target: "target",
    symbols.t_vector: "target",
    symbols.logits: "logits",
}


@dataclass(frozen=True)
class Parameter:
    """A choice of the user: its symbol (whose name is the keyword), default and domain.

    `samples` are further values worth trying; each lies in the domain. An `IndexedBase` is a row
    with an entry for each place along the axis (class weights), whose default fills it.
    """

    symbol: Any
    default: Expr
    domain: Set = Reals
    samples: tuple[Expr, ...] = ()
    differentiable: bool = True

    @property
    def name(self) -> str:
        return str(self.symbol.name)

    @property
    def along_axis(self) -> bool:
        return isinstance(self.symbol, IndexedBase)

    def at(self, index: Any, row: Any) -> Any:
        """What a derivative is taken in, as for variables."""
        return self.symbol[index] if self.along_axis else self.symbol

    def passed(self, value: Any) -> Any:
        """A value as an implementation gets it: a switch as bool, a whole choice as int."""
        return self._kind(value)

    @cached_property  # asked for each call; SymPy takes its time to compare sets
    def _kind(self) -> type:
        if self.domain == FiniteSet(0, 1):
            return bool
        return int if self.domain.is_subset(S.Integers) else float


def _frozen(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(mapping))


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, eq=False)
class Function:
    """A definition. Only `name`, `title`, `variables` and `expression` are required.

    name
        The function's name, in the field's standard spelling; `aliases` are others.
    variables
        Inputs in order: `Variable`, or a bare symbol for a real differentiable one.
    expression
        The value, in the variables, the parameters, the named constants and, along an axis, the
        index `i` (a free `i` makes the output a row; without it the axis is reduced).
    parameters
        Choices of the user with default and domain.
    constants
        Fixed numbers that are printed by name: `{c: Rational("0.044715")}`.
    requires
        Under what condition on variables and parameters there is a value, where the domains alone
        do not say it: `Or(Eq(log_input, 1), prediction >= 0)`.
    kinks
        Where the gradient in the first variable jumps, and the subdifferential there. A key is a
        point of the first variable (a number, or a parameter), or an expression in the variables
        whose zeros are the kinks.
    jumps
        Where the value itself jumps, and the values accepted there. Keys are as for kinks.
    special_values
        Values (limits at the infinities) of a function of one variable, at default parameters.
    range
        The closed set that all values lie in, at every parameter.
    parity
        "odd", "even" or None, in the first variable, at default parameters.
    monotone
        "increasing", "decreasing" or None, in the first variable, at default parameters.
    homogeneous
        The variables in which the function is positively homogeneous, together. Such a function
        has no natural scale, so no absolute error is due (S = 0).
    identities
        Name to equation between applied functions: `Eq(tanh(x), 2*sigmoid(2*x) - 1)`, where
        `tanh = applied("tanh")`.
    outputs
        Along an axis, the length of a row of outputs: n, or n/2 where halves meet.
    sizes
        Where a variable has another length than n, or rows: how long it is when it is tried with
        rows of n, `{T: Min(n + 1, 4)}`.
    reductions
        For a loss: the reductions over samples: "none", "mean", "sum", "batchmean".
    divisor
        What one sample adds to the number that `mean` divides by: 1, or the weight of its class.
        No sample at all, or none that counts, makes the mean 0/0 = NaN, and the sum 0.
    ignored
        For targets that are class indices: the parameter-like keyword `ignore_index` has this
        default. A sample with that target has no loss, no gradient and no share in the divisor.
    titles
        The title in other languages, by the language's code: `{"zh": "均方误差"}`.
    references
        The works that define or teach it: `Reference`, or a line of text, printed as it stands.
    """

    name: str
    title: str
    variables: tuple[Any, ...]
    expression: Expr
    parameters: tuple[Parameter, ...] = ()
    constants: Mapping[Symbol, Expr] = field(default_factory=_empty)
    requires: Any = S.true
    kinks: Mapping[Any, Set] = field(default_factory=_empty)
    jumps: Mapping[Any, Set] = field(default_factory=_empty)
    special_values: Mapping[Any, Any] = field(default_factory=_empty)
    range: Set = S.Reals
    parity: str | None = None
    monotone: str | None = None
    homogeneous: tuple[Any, ...] = ()
    identities: Mapping[str, Any] = field(default_factory=_empty)
    outputs: Expr = symbols.n
    sizes: Mapping[Symbol, Expr] = field(default_factory=_empty)
    reductions: tuple[str, ...] = ()
    divisor: Expr = S.One
    ignored: int | None = None
    aliases: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=_empty)
    references: tuple[Reference | str, ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        typed = tuple(v if isinstance(v, Variable) else Variable(v) for v in self.variables)
        object.__setattr__(self, "variables", typed)
        for name in ("expression", "outputs", "divisor"):
            object.__setattr__(self, name, sympy.sympify(getattr(self, name)))
        for name in (
            "constants",
            "kinks",
            "jumps",
            "special_values",
            "identities",
            "sizes",
            "titles",
        ):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        for problem in _problems(self):
            raise SpecError(f"{self.name}: {problem}")

    def __repr__(self) -> str:
        return f"<Function {self.name}>"

    @property
    def along_axis(self) -> bool:
        """Whether the function works along an axis rather than element by element."""
        return any(v.along_axis for v in self.variables)

    @cached_property  # asked for each row of a batch; SymPy walks the whole expression
    def row_output(self) -> bool:
        """Whether the output has an entry for each index along the axis."""
        return symbols.i in self.expression.free_symbols

    def entries(self, length: int) -> int:
        """How many outputs a row of that length has; 0 where there can be no such row."""
        if length not in self._entries:
            self._entries[length] = self._counted(length)
        return self._entries[length]

    @cached_property  # asked for each row of a batch
    def _entries(self) -> dict[int, int]:
        return {}

    def _counted(self, length: int) -> int:
        if any(0 in self.tried(v, length) for v in self.variables if self.sizes and v.along_axis):
            return 0
        if not self.row_output:
            return 1
        count = self.outputs.subs(symbols.n, length)
        return int(count) if count.is_Integer else 0

    def tried(self, v: Variable, length: int) -> tuple[int, ...]:
        """The shape that a row or matrix is tried in, with rows of that length."""
        return tuple(int(size.subs(self.sizes).subs(symbols.n, length)) for size in v.shape)

    @property
    def is_loss(self) -> bool:
        return bool(self.reductions)

    @property
    def differentiable(self) -> tuple[Variable | Parameter, ...]:
        """What a vjp gives gradients for, in order: variables, then parameters."""
        return tuple(v for v in (*self.variables, *self.parameters) if v.differentiable)

    def defaults(self) -> dict[str, Expr]:
        return {p.name: p.default for p in self.parameters}

    def replace(self, **changes: Any) -> Function:
        """The same definition with other fields; validated again."""
        return dataclasses.replace(self, **changes)


def applied(name: str) -> Any:
    """The function of that name as it appears in an equation: `sigmoid = applied("sigmoid")`.

    Arguments are the variables in order; parameters may follow in order, and default when left
    out. A function along an axis is applied to the entry with index i: `softmax(z[i] + c)`.
    """
    return sympy.Function(name, real=True)


RESERVED = frozenset({"value", "second"})
"""Names that results have: no gradient may have one of them."""

KEYWORDS = frozenset({"cotangent", "axis", "reduction"})
"""Keywords that implementations have already."""


def _problems(function: Function) -> Iterator[str]:
    if not function.name.isidentifier():
        yield f"name: {function.name!r} is not an identifier; use letters, digits and underscores"
    if not function.variables:
        yield "variables: none given; a function has at least one"
    names = [str(v.symbol) for v in (*function.variables, *function.parameters)]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"variables: two inputs are written {name!r}; give each a symbol of its own name"
    yield from _shape_problems(function)
    for taken in sorted(RESERVED & {v.name for v in function.differentiable}):
        yield (
            f"parameters: {taken!r} is a name that results have; take another, or "
            "differentiable=False"
        )
    for taken in sorted(KEYWORDS & {v.name for v in (*function.variables, *function.parameters)}):
        yield f"parameters: {taken!r} is a keyword of every implementation; take another name"
    yield from _undeclared(function)
    yield from _floats(function)
    extra = function.requires.free_symbols - _declared(function)
    if extra:
        yield f"requires: undeclared symbol {', '.join(sorted(map(str, extra)))}"
    for p in function.parameters:
        for value in (p.default, *p.samples):
            if sympy.sympify(value) not in p.domain:
                yield f"parameters: {p.name} = {value} lies outside its domain {p.domain}"
    yield from _kink_problems(function)
    if function.parity not in (None, "odd", "even"):
        yield f"parity: {function.parity!r} is not one of 'odd', 'even', None"
    if function.monotone not in (None, "increasing", "decreasing"):
        yield f"monotone: {function.monotone!r} is not one of 'increasing', 'decreasing', None"
    unknown = set(function.reductions) - set(REDUCTIONS)
    if unknown:
        yield f"reductions: {sorted(unknown)} unknown; choose from {', '.join(REDUCTIONS)}"
    yield from _words_problems(function)


def _words_problems(function: Function) -> Iterator[str]:
    for language, title in function.titles.items():
        if not re.fullmatch("[a-z]{2,3}", language):
            yield f"titles: {language!r} is no code of a language; write zh, de or the like"
        if not title.strip():
            yield f"titles: {language}: {title!r} is empty; write the title, or leave it out"
    if isinstance(function.references, str):
        yield f"references: {function.references!r} is one string; write a tuple: (...,)"
        return
    for reference in function.references:
        if not isinstance(reference, Reference | str) or not str(reference).strip():
            yield f"references: {reference!r} is neither a Reference nor a line of text"


def _declared(function: Function) -> set[Any]:
    inputs = (*function.variables, *function.parameters)
    names = {v.symbol for v in inputs}
    labels = {v.symbol.label for v in inputs if v.along_axis}
    axis = {symbols.n, symbols.i, *function.sizes} if function.along_axis else set()
    return names | labels | set(function.constants) | axis


def _undeclared(function: Function) -> Iterator[str]:
    free = function.expression.free_symbols
    entries = {s for s in free if isinstance(s, sympy.Indexed)}
    extra = free - entries - _declared(function)
    if extra:
        names = ", ".join(sorted(map(str, extra)))
        known = ", ".join(str(v.symbol) for v in (*function.variables, *function.parameters))
        yield (
            f"expression: undeclared symbol {names}; declare it among variables, parameters or "
            f"constants (declared: {known})"
        )


def _shape_problems(function: Function) -> Iterator[str]:
    for v in function.variables:
        written = v.written
        if len(v.shape) > 2 or (len(v.shape) == 2 and v.shape[-1] != symbols.n):
            yield f"variables: {v.name} has the shape {written}; give (n,), (T, n) or (S,)"
        for size in set(v.shape) - {symbols.n, *function.sizes}:
            yield f"variables: {v.name} has the shape {written}; say in sizes how long {size} is"
    shapes = [v.shape for v in function.variables if v.along_axis]
    if shapes and not any(shape[-1] == symbols.n for shape in shapes):
        yield "variables: no row has the length n"


def _floats(function: Function) -> Iterator[str]:
    fields = [("expression", function.expression)]
    fields += [("constants", e) for e in function.constants.values()]
    fields += [("parameters", sympy.sympify(p.default)) for p in function.parameters]
    for where, expression in fields:
        for number in sympy.sympify(expression).atoms(Float):
            yield (
                f"{where}: the Float {number} carries only 15 digits; "
                f'write Rational("{float(number)!r}") exactly'
            )


def _kink_problems(function: Function) -> Iterator[str]:
    first = function.variables[0]
    for kind in ("kinks", "jumps"):
        for where, values in getattr(function, kind).items():
            point = sympy.sympify(where)
            if point.is_number and point not in first.domain:
                yield f"{kind}: {point} lies outside the domain {first.domain} of {first.name}"
            extra = point.free_symbols | getattr(values, "free_symbols", set())
            extra = {s for s in extra if not isinstance(s, sympy.Indexed)} - _declared(function)
            if extra:
                yield f"{kind}: {point}: undeclared symbol {', '.join(sorted(map(str, extra)))}"
