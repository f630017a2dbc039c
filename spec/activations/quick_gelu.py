from sympy import Eq, Rational, Symbol, exp, oo

from ..function import Function, applied
from ..symbols import x
from ..works import HENDRYCKS

c = Symbol("c", positive=True)
SLOPE = Rational("1.702")
quick_gelu_, swish_, sigmoid_ = map(applied, ("quick_gelu", "swish", "sigmoid"))

quick_gelu = Function(
    name="quick_gelu",
    title="Gaussian error linear unit, sigmoid approximation",
    variables=(x,),
    constants={c: SLOPE},
    expression=x / (1 + exp(-c * x)),
    special_values={0: 0, -oo: 0, oo: oo},
    identities={
        "swish": Eq(quick_gelu_(x), swish_(x, SLOPE)),
        "gate": Eq(quick_gelu_(x), x * sigmoid_(SLOPE * x)),
        "odd part": Eq(quick_gelu_(x) - quick_gelu_(-x), x),
    },
    references=(HENDRYCKS.at("section 2"),),
)
