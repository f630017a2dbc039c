from sympy import Eq, FiniteSet, Interval, Piecewise, Rational, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x
from ..works import DLMF

step_, relu_ = applied("step"), applied("relu")

step = Function(
    name="step",
    title="Heaviside step",
    titles={"zh": "步进函数"},
    variables=(x,),
    expression=Piecewise((0, x <= 0), (1, True)),
    jumps={0: FiniteSet(0, Rational(1, 2), 1)},
    special_values={-oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={"gate": Eq(relu_(x), x * step_(x))},
    aliases=("heaviside", "binary_step"),
    references=(
        Reference(
            authors=("McCulloch, Warren S.", "Pitts, Walter"),
            title="A logical calculus of the ideas immanent in nervous activity",
            year=1943,
            kind="article",
            where="Bulletin of Mathematical Biophysics",
            volume="5",
            number="4",
            pages="115-133",
            doi="10.1007/BF02478259",
        ),
        DLMF.at("equation 1.16.13"),
    ),
)
