from sympy import Derivative, Eq, Interval, Rational, exp, log, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x

sigmoid_, log_sigmoid_, softplus_ = map(applied, ("sigmoid", "log_sigmoid", "softplus"))

sigmoid = Function(
    name="sigmoid",
    title="Logistic sigmoid",
    variables=(x,),
    expression=1 / (1 + exp(-x)),
    special_values={0: Rational(1, 2), -oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={
        "complement": Eq(sigmoid_(-x), 1 - sigmoid_(x)),
        "slope": Eq(Derivative(sigmoid_(x), x), sigmoid_(x) * (1 - sigmoid_(x))),
    },
    aliases=("logistic", "expit"),
    references=(
        Reference(
            authors=("Han, Jun", "Moraga, Claudio"),
            title="The influence of the sigmoid function parameters on the speed of "
            "backpropagation learning",
            year=1995,
            kind="inproceedings",
            where="From Natural to Artificial Neural Computation (IWANN)",
            pages="195-201",
            doi="10.1007/3-540-59497-3_175",
        ),
    ),
)

log_sigmoid = Function(
    name="log_sigmoid",
    title="Logarithm of the logistic sigmoid",
    variables=(x,),
    expression=-log(1 + exp(-x)),
    special_values={0: -log(2), -oo: -oo, oo: 0},
    range=Interval(-oo, 0),
    monotone="increasing",
    identities={
        "reflected softplus": Eq(log_sigmoid_(x), -softplus_(-x)),
        "logarithm": Eq(log_sigmoid_(x), log(sigmoid_(x))),
        "slope": Eq(Derivative(log_sigmoid_(x), x), sigmoid_(-x)),
    },
    aliases=("logsigmoid", "log_expit"),
    references=(
        Reference(
            authors=("Mächler, Martin",),
            title="Accurately computing log(1 - exp(-|a|))",
            year=2012,
            where="Vignette of the R package Rmpfr",
            url="https://cran.r-project.org/web/packages/Rmpfr/vignettes/log1mexp-note.pdf",
        ),
    ),
)
