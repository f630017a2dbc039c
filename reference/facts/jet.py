"""Jets: Taylor coefficients by arithmetic, over balls or over tails.

A jet holds the first coefficients of f(x + t) in t. Its coefficients are elements of a ring: Arb
balls, which enclose them for every x of a ball, or `tail.Tail`, which enclose them for every x
beyond some point. Generated code runs over jets as it runs over numbers, and so gives enclosures
of all derivatives up to an order without a symbolic derivative being formed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from .. import arb


class Jet:
    """Taylor coefficients c[0], c[1], ... over a ring; c[k] is the k-th derivative over k!."""

    __slots__ = ("c", "ring")

    def __init__(self, ring: Any, coefficients: list[Any]) -> None:
        self.ring, self.c = ring, coefficients

    def __neg__(self) -> Jet:
        return Jet(self.ring, [-a for a in self.c])

    def __add__(self, other: Any) -> Jet:
        if isinstance(other, Jet):
            return Jet(self.ring, [a + b for a, b in zip(self.c, other.c, strict=True)])
        return Jet(self.ring, [self.c[0] + other, *self.c[1:]])

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.ring, [a * other for a in self.c])
        a, b = self.c, other.c
        return Jet(self.ring, [_dot((a[i], b[k - i]) for i in range(k + 1)) for k in range(len(a))])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Jet):
            return self * _inverse(other)
        return self * (self.ring.inverse(self.ring.scalar(other)))

    def __rtruediv__(self, other: Any) -> Any:
        return _inverse(self) * other


def zero(a: Any) -> bool:
    return type(a) is int and a == 0


def _dot(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """Sum of products; a coefficient that is the integer 0 takes no part, whatever it meets."""
    total: Any = 0
    for a, b in pairs:
        if not (zero(a) or zero(b)):
            total = a * b + total
    return total


def _inverse(a: Jet) -> Jet:
    first = a.ring.inverse(a.c[0])
    b = [first]
    for k in range(1, len(a.c)):
        b.append(-(first * _dot((a.c[j], b[k - j]) for j in range(1, k + 1))))
    return Jet(a.ring, b)


def _integral(first: Any, slope: list[Any], a: Jet) -> Jet:
    """The jet h with h' = slope * a', h[0] = first: slope[k] may be asked up to order - 1."""
    h = [first]
    for k in range(1, len(a.c)):
        h.append(_over(_dot((j * a.c[j], slope[k - j]) for j in range(1, k + 1)), k, a.ring))
    return Jet(a.ring, h)


def _over(value: Any, k: int, ring: Any) -> Any:
    return value if k == 1 or zero(value) else value * ring.ratio(1, k)


def _exp(a: Jet) -> Jet:
    e = [a.ring.exp(a.c[0])]
    for k in range(1, len(a.c)):
        e.append(_over(_dot((j * a.c[j], e[k - j]) for j in range(1, k + 1)), k, a.ring))
    return Jet(a.ring, e)


def _log(a: Jet, first: Any = None) -> Jet:
    inverse = _inverse(Jet(a.ring, a.c[:-1] or a.c)).c
    return _integral(a.ring.log(a.c[0]) if first is None else first, inverse, a)


def _log1p(a: Jet) -> Jet:
    return _log(a + 1, a.ring.log1p(a.c[0]))


def _power(a: Any, s: Any) -> Any:
    """a**s; a constant exponent has a rule without logarithms."""
    if isinstance(s, Jet):
        return _exp(_log(a) * s) if isinstance(a, Jet) else _exp(s * s.ring.log(a))
    ring, n = a.ring, len(a.c)
    s = ring.scalar(s)
    p, first = [ring.power(a.c[0], s)], ring.inverse(a.c[0])
    for k in range(1, n):
        terms = ((s * j - (k - j), a.c[j], p[k - j]) for j in range(1, k + 1))
        p.append(_over(first * _dot((w * x, y) for w, x, y in terms if not zero(x)), k, ring))
    return Jet(ring, p)


def _tanh(a: Jet) -> Jet:
    ring = a.ring
    t, v = [ring.tanh(a.c[0])], [ring.sech2(a.c[0])]  # v = 1 - t**2 without the cancellation
    for k in range(1, len(a.c)):
        t.append(_over(_dot((j * a.c[j], v[k - j]) for j in range(1, k + 1)), k, ring))
        v.append(-_dot((t[j], t[k - j]) for j in range(k + 1)))
    return Jet(ring, t)


def _pair(a: Jet, name: str, partner: str) -> Jet:
    """sin and cos, sinh and cosh: each is the other's derivative, but for cos' = -sin."""
    ring = a.ring
    u, v = [getattr(ring, name)(a.c[0])], [getattr(ring, partner)(a.c[0])]
    to_u, to_v = (-1 if n == "cos" else 1 for n in (name, partner))
    for k in range(1, len(a.c)):
        du = _dot((j * a.c[j], v[k - j]) for j in range(1, k + 1))
        dv = _dot((j * a.c[j], u[k - j]) for j in range(1, k + 1))
        u.append(_over(to_u * du, k, ring))
        v.append(_over(to_v * dv, k, ring))
    return Jet(ring, u)


def _erf(a: Jet, name: str) -> Jet:
    ring = a.ring
    factor = ring.inverse(ring.sqrt(ring.pi())) * (2 if name == "erf" else -2)
    lower = Jet(ring, a.c[:-1] or a.c)
    return _integral(getattr(ring, name)(a.c[0]), (_exp(-(lower * lower)) * factor).c, a)


def _atan(a: Jet) -> Jet:
    lower = Jet(a.ring, a.c[:-1] or a.c)
    return _integral(a.ring.atan(a.c[0]), _inverse(lower * lower + 1).c, a)


def _whole(a: Any, n: int) -> Any:
    result = a
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * a
    return result


def _absolute(a: Jet) -> Any:
    return a * a.ring.sign(a.c[0])


_RULES: dict[str, Callable[[Jet], Any]] = {
    "exp": _exp,
    "log": _log,
    "log1p": _log1p,
    "expm1": lambda a: Jet(a.ring, [a.ring.expm1(a.c[0]), *_exp(a).c[1:]]),
    "sqrt": lambda a: _power(a, a.ring.ratio(1, 2)),
    "inverse": _inverse,
    "erf": lambda a: _erf(a, "erf"),
    "erfc": lambda a: _erf(a, "erfc"),
    "tanh": _tanh,
    "sinh": lambda a: _pair(a, "sinh", "cosh"),
    "cosh": lambda a: _pair(a, "cosh", "sinh"),
    "sin": lambda a: _pair(a, "sin", "cos"),
    "cos": lambda a: _pair(a, "cos", "sin"),
    "atan": _atan,
    "absolute": _absolute,
}


def vocabulary(ring: Any) -> dict[str, Any]:
    """The namespace in which generated code runs over jets of a ring, constants over the ring."""

    def unary(name: str) -> Callable[[Any], Any]:
        rule, plain = _RULES[name], getattr(ring, name)
        return lambda a: rule(a) if isinstance(a, Jet) else plain(ring.scalar(a))

    def power(a: Any, s: Any) -> Any:
        if isinstance(a, Jet) or isinstance(s, Jet):
            return _power(a, s)
        return ring.power(ring.scalar(a), ring.scalar(s))

    words: dict[str, Any] = {name: unary(name) for name in _RULES}
    words |= {"ratio": ring.ratio, "pi": ring.pi, "e": ring.e, "whole": _whole, "power": power}
    words["xlogy"] = lambda a, b: 0 if zero(a) else words["log"](b) * a
    words["xdivy"] = lambda a, b: 0 if zero(a) else words["inverse"](b) * a
    return words


def _ball_sign(a: Any) -> Any:
    return 1 if a > 0 else -1 if a < 0 else arb.NAN


# The ring of Arb balls; 1/cosh**2 is 1 - tanh**2 without the cancellation.
BALLS: Any = SimpleNamespace(
    **{name: getattr(arb, name) for name in (*_RULES, "power", "ratio", "pi", "e")},
    scalar=arb.arb,
    sign=_ball_sign,
    sech2=lambda a: 1 / (arb.cosh(a) * arb.cosh(a)),
)
BALL_WORDS = vocabulary(BALLS)
