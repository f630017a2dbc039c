from sympy import Eq, Rational, Symbol, erf, oo, pi, sqrt, tanh

from ..function import Function, applied
from ..symbols import x
from ..works import HENDRYCKS

c = Symbol("c", positive=True)
gelu_, gelu_tanh_, sigmoid_ = map(applied, ("gelu", "gelu_tanh", "sigmoid"))

gelu = Function(
    name="gelu",
    title="Gaussian error linear unit",
    variables=(x,),
    expression=x * (1 + erf(x / sqrt(2))) / 2,
    special_values={0: 0, -oo: 0, oo: oo},
    identities={"odd part": Eq(gelu_(x) - gelu_(-x), x)},
    references=(HENDRYCKS.at("section 2"),),
)

gelu_tanh = Function(
    name="gelu_tanh",
    title="Gaussian error linear unit, tanh approximation",
    variables=(x,),
    constants={c: Rational("0.044715")},
    expression=x * (1 + tanh(sqrt(2 / pi) * (x + c * x**3))) / 2,
    special_values={0: 0, -oo: 0, oo: oo},
    identities={
        "odd part": Eq(gelu_tanh_(x) - gelu_tanh_(-x), x),
        "gate": Eq(
            gelu_tanh_(x), x * sigmoid_(2 * sqrt(2 / pi) * (x + Rational("0.044715") * x**3))
        ),
    },
    aliases=("gelu_approximate", "gelu_new"),
    references=(HENDRYCKS.at("section 2"),),
)
