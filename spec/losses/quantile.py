from sympy import Eq, Interval, Max, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import prediction, target

q = Symbol("q", real=True)
e = target - prediction
quantile_, mae_ = applied("quantile"), applied("mae")

quantile = Function(
    name="quantile",
    title="Quantile loss",
    variables=(prediction, target),
    parameters=(
        Parameter(
            q,
            default=Rational(1, 2),
            domain=Interval(0, 1),
            samples=(Rational(1, 4), Rational("0.9"), Rational("0.05")),
        ),
    ),
    expression=Piecewise((q * e, e >= 0), ((q - 1) * e, True)),
    kinks={e: Interval(-q, 1 - q)},
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=("none", "mean", "sum"),
    identities={
        "maximum": Eq(quantile_(prediction, target, q), Max(q * e, (q - 1) * e)),
        "median": Eq(quantile_(prediction, target), mae_(prediction, target) / 2),
        "both directions": Eq(
            quantile_(prediction, target, q) + quantile_(target, prediction, q),
            mae_(prediction, target),
        ),
        "reflection": Eq(quantile_(prediction, target, q), quantile_(target, prediction, 1 - q)),
    },
    aliases=("pinball", "quantile_loss", "pinball_loss"),
    references=(
        Reference(
            authors=("Koenker, Roger", "Bassett, Gilbert"),
            title="Regression quantiles",
            year=1978,
            kind="article",
            where="Econometrica",
            volume="46",
            number="1",
            pages="33-50",
            doi="10.2307/1913643",
        ),
    ),
)
