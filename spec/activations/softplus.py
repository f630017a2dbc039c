from sympy import Derivative, Eq, Interval, Rational, Symbol, exp, log, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x
from ..works import GLOROT

beta = Symbol("beta", positive=True)
softplus_, sigmoid_, bce_ = map(applied, ("softplus", "sigmoid", "bce"))

softplus = Function(
    name="softplus",
    title="Softplus",
    variables=(x,),
    parameters=(
        Parameter(
            beta,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational(2), Rational(8)),
        ),
    ),
    expression=log(1 + exp(beta * x)) / beta,
    special_values={0: log(2), -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    identities={
        "slope": Eq(Derivative(softplus_(x), x), sigmoid_(x)),
        "odd part": Eq(softplus_(x) - softplus_(-x), x),
        "scale": Eq(softplus_(x, beta), softplus_(beta * x) / beta),
        # Fenchel's equality: the conjugate is p log(p) + (1 - p) log(1 - p)
        "conjugate": Eq(softplus_(x) - bce_(sigmoid_(x), sigmoid_(x)), x * sigmoid_(x)),
    },
    references=(
        Reference(
            authors=(
                "Dugas, Charles",
                "Bengio, Yoshua",
                "Bélisle, François",
                "Nadeau, Claude",
                "Garcia, René",
            ),
            title="Incorporating second-order functional knowledge for better option pricing",
            year=2001,
            kind="inproceedings",
            where="Advances in Neural Information Processing Systems",
            volume="13",
            pages="472-478",
        ),
        GLOROT,
    ),
)
