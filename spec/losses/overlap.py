from sympy import Eq, Interval, Rational, Sum, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..symbols import i, j, n, p_vector, t_vector

p, t = p_vector, t_vector
alpha, beta = Symbol("alpha", nonnegative=True), Symbol("beta", nonnegative=True)
smooth = Symbol("smooth", nonnegative=True)
dice_, tversky_ = applied("dice"), applied("tversky")
ALL = (j, 0, n - 1)
UNIT = Interval(0, 1)
REDUCTIONS = ("none", "mean", "sum")
both = Sum(p[j] * t[j], ALL)
variables = (Variable(p, domain=UNIT, called="prediction"), Variable(t, domain=UNIT))

smoothing = Parameter(
    smooth,
    default=Rational(1),
    domain=Interval.open(0, oo),
    samples=(Rational(1, 2), Rational("0.001")),
    differentiable=False,
)


def share(symbol: Symbol) -> Parameter:
    """A weight of false positives or negatives."""
    return Parameter(
        symbol,
        default=Rational(1, 2),
        domain=Interval(0, oo),
        samples=(Rational("0.3"), Rational(1)),
        differentiable=False,
    )


dice = Function(
    name="dice",
    title="Dice loss",
    variables=variables,
    parameters=(smoothing,),
    expression=1 - (2 * both + smooth) / (Sum(p[j], ALL) + Sum(t[j], ALL) + smooth),
    range=Interval(0, 1),
    reductions=REDUCTIONS,
    identities={"symmetry": Eq(dice_(p[i], t[i]), dice_(t[i], p[i]))},
    references=("Milletari, Navab & Ahmadi 2016, arXiv:1606.04797, section 3",),
)

tversky = Function(
    name="tversky",
    title="Tversky loss",
    variables=variables,
    parameters=(share(alpha), share(beta), smoothing),
    expression=1
    - (both + smooth)
    / (both + alpha * Sum((1 - t[j]) * p[j], ALL) + beta * Sum(t[j] * (1 - p[j]), ALL) + smooth),
    range=UNIT,
    reductions=REDUCTIONS,
    identities={
        "dice": Eq(
            tversky_(p[i], t[i], Rational(1, 2), Rational(1, 2), smooth),
            dice_(p[i], t[i], 2 * smooth),
        ),
        "exchange": Eq(
            tversky_(p[i], t[i], alpha, beta, smooth), tversky_(t[i], p[i], beta, alpha, smooth)
        ),
    },
    notes="alpha weighs false positives, beta false negatives.",
    references=("Salehi, Erdogmus & Gholipour 2017, arXiv:1706.05721, equation (2)",),
)
