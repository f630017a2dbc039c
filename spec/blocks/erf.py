from sympy import Derivative, Eq, Interval, Rational, erf, exp, log, oo, pi, sqrt

from ..function import Function, applied
from ..references import Reference
from ..symbols import x
from ..works import DLMF

CODY = Reference(
    authors=("Cody, William J.",),
    title="Rational Chebyshev approximations for the error function",
    year=1969,
    kind="article",
    where="Mathematics of Computation",
    volume="23",
    number="107",
    pages="631-637",
    doi="10.1090/S0025-5718-1969-0247736-4",
)

erf_, erfc_, ndtr_, log_ndtr_, gelu_ = map(applied, ("erf", "erfc", "ndtr", "log_ndtr", "gelu"))
density = exp(-(x**2) / 2) / sqrt(2 * pi)

error_function = Function(
    name="erf",
    title="Error function",
    variables=(x,),
    expression=erf(x),
    special_values={0: 0, -oo: -1, oo: 1},
    range=Interval(-1, 1),
    parity="odd",
    monotone="increasing",
    identities={
        "slope": Eq(Derivative(erf_(x), x), 2 * exp(-(x**2)) / sqrt(pi)),
        "odd": Eq(erf_(-x), -erf_(x)),
    },
    references=(DLMF.at("equation 7.2.1"),),
    notes="2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.",
)

erfc = Function(
    name="erfc",
    title="Complementary error function",
    variables=(x,),
    expression=1 - erf(x),
    special_values={0: 1, -oo: 2, oo: 0},
    range=Interval(0, 2),
    monotone="decreasing",
    identities={
        "complement": Eq(erfc_(x), 1 - erf_(x)),
        "reflection": Eq(erfc_(x) + erfc_(-x), 2),
    },
    references=(DLMF.at("equation 7.2.2"), CODY),
)

ndtr = Function(
    name="ndtr",
    title="Standard normal distribution function",
    titles={"zh": "标准正态分布的累积分布函数"},
    variables=(x,),
    expression=(1 + erf(x / sqrt(2))) / 2,
    special_values={0: Rational(1, 2), -oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={
        "error function": Eq(ndtr_(x), erfc_(-x / sqrt(2)) / 2),
        "reflection": Eq(ndtr_(-x), 1 - ndtr_(x)),
        "density": Eq(Derivative(ndtr_(x), x), density),
        "GELU": Eq(gelu_(x), x * ndtr_(x)),
    },
    aliases=("normal_cdf",),
    references=(DLMF.at("section 7.1"), CODY),
)

log_ndtr = Function(
    name="log_ndtr",
    title="Logarithm of the standard normal distribution function",
    variables=(x,),
    expression=log((1 + erf(x / sqrt(2))) / 2),
    special_values={0: -log(2), -oo: -oo, oo: 0},
    range=Interval(-oo, 0),
    monotone="increasing",
    identities={
        "logarithm": Eq(log_ndtr_(x), log(ndtr_(x))),
        "slope": Eq(Derivative(log_ndtr_(x), x), density / ndtr_(x)),
    },
    aliases=("log_normal_cdf",),
    references=(DLMF.at("equation 7.12.1"), CODY),
)
