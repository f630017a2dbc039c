from sympy import Eq, oo

from ..function import Function, applied
from ..symbols import x
from ..works import GOODFELLOW

identity_ = applied("identity")

identity = Function(
    name="identity",
    title="Identity (linear output)",
    titles={"zh": "线性"},
    variables=(x,),
    expression=x,
    special_values={0: 0, -oo: -oo, oo: oo},
    parity="odd",
    monotone="increasing",
    homogeneous=(x,),
    identities={"involution": Eq(identity_(identity_(x)), x)},
    aliases=("linear",),
    references=(GOODFELLOW.at("section 6.2.2.1"),),
)
