from sympy import Derivative, Eq, Interval, exp, log, oo

from ..function import Function, applied
from ..symbols import x
from ..works import DLMF

exponential_, sigmoid_ = applied("exponential"), applied("sigmoid")

exponential = Function(
    name="exponential",
    title="Exponential",
    variables=(x,),
    expression=exp(x),
    special_values={0: 1, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    identities={
        "slope": Eq(Derivative(exponential_(x), x), exponential_(x)),
        "reciprocal": Eq(exponential_(x) * exponential_(-x), 1),
        "odds": Eq(exponential_(x), sigmoid_(x) / sigmoid_(-x)),
        "logarithm": Eq(log(exponential_(x)), x),
    },
    aliases=("exp",),
    references=(DLMF.at("equation 4.2.19"),),
)
