from sympy import Eq, FiniteSet, Interval, Piecewise, Rational, oo

from ..function import Function, applied
from ..symbols import x

step_, relu_ = applied("step"), applied("relu")

step = Function(
    name="step",
    title="Heaviside step",
    variables=(x,),
    expression=Piecewise((0, x <= 0), (1, True)),
    jumps={0: FiniteSet(0, Rational(1, 2), 1)},
    special_values={-oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={"gate": Eq(relu_(x), x * step_(x))},
    aliases=("heaviside", "binary_step"),
    references=("McCulloch & Pitts 1943, doi:10.1007/BF02478259", "DLMF 1.16.13"),
)
