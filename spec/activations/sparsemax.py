from sympy import Eq, Expr, Interval, Max, Piecewise, Sum, Symbol, Tuple

from ..function import Function, Variable, applied
from ..special import Largest, attains, entry
from ..symbols import i, j, n, r, x, z
from ..works import MARTINS, ONNX

shift = Symbol("c", real=True)
sparsemax_, sparse_sigmoid_, hardmax_, step_ = map(
    applied, ("sparsemax", "sparse_sigmoid", "hardmax", "step")
)


def supported(entry: Expr) -> Expr:
    """An entry is in the support when the entries above it exceed it by less than 1 in all."""
    return Sum(Max(z[r] - entry, 0), (r, 0, n - 1)) < 1


size = Sum(Piecewise((1, supported(z[j])), (0, True)), (j, 0, n - 1))
excess = Sum(Piecewise((z[j], supported(z[j])), (0, True)), (j, 0, n - 1)) - 1

sparsemax = Function(
    name="sparsemax",
    title="Sparsemax: the projection onto the probability simplex",
    variables=(Variable(z, masked=True),),
    expression=Piecewise((z[i] - excess / size, supported(z[i])), (0, True)),
    range=Interval(0, 1),
    identities={
        "sum": Eq(Sum(sparsemax_(z[i]), (i, 0, n - 1)), 1),
        "shift": Eq(sparsemax_(z[i] + shift), sparsemax_(z[i])),
        "sparse sigmoid": Eq(entry(sparsemax_(Tuple(x, 0)), 0), sparse_sigmoid_(x)),
    },
    references=(MARTINS.at("proposition 1"),),
)

hardmax = Function(
    name="hardmax",
    title="Hardmax: 1 at the largest entry",
    variables=(z,),
    expression=attains(z[i], Largest(z[j], (j, 0, n - 1))),
    range=Interval(0, 1),
    jumps={z[0] - z[1]: Interval(0, 1)},
    identities={
        "shift": Eq(hardmax_(z[i] + shift), hardmax_(z[i])),
        "sign": Eq(
            entry(hardmax_(Tuple(x, 0)), 0) - entry(hardmax_(Tuple(x, 0)), 1),
            step_(x) - step_(-x),
        ),
    },
    references=(ONNX.at("Hardmax, version 13"),),
)
