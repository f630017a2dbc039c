from sympy import Eq, Interval, Rational, Sum, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
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
    references=(
        Reference(
            authors=("Milletari, Fausto", "Navab, Nassir", "Ahmadi, Seyed-Ahmad"),
            title="V-Net: Fully convolutional neural networks for volumetric medical image "
            "segmentation",
            year=2016,
            kind="inproceedings",
            where="International Conference on 3D Vision",
            pages="565-571",
            doi="10.1109/3DV.2016.79",
            arxiv="1606.04797",
            place="section 3",
        ),
    ),
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
    references=(
        Reference(
            authors=("Salehi, Seyed Sadegh Mohseni", "Erdogmus, Deniz", "Gholipour, Ali"),
            title="Tversky loss function for image segmentation using 3D fully convolutional deep "
            "networks",
            year=2017,
            kind="inproceedings",
            where="Machine Learning in Medical Imaging (MLMI)",
            pages="379-387",
            doi="10.1007/978-3-319-67389-9_44",
            arxiv="1706.05721",
            place="equation (2)",
        ),
    ),
)
