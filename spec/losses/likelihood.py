from sympy import (
    Derivative,
    Eq,
    FiniteSet,
    Integer,
    Interval,
    Max,
    Or,
    Piecewise,
    Rational,
    Symbol,
    exp,
    log,
    oo,
    pi,
)

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..special import xlogy
from ..symbols import prediction, target

log_input = Symbol("log_input", integer=True)
full = Symbol("full", integer=True)
eps = Symbol("eps", positive=True)
var = Symbol("var", real=True)
poisson_nll_, gaussian_nll_, half_ = map(
    applied, ("poisson_nll", "gaussian_nll", "half_squared_error")
)
switch = FiniteSet(0, 1)
stirling = target * log(target) - target + log(2 * pi * target) / 2
spread = Max(var, eps)

poisson_nll = Function(
    name="poisson_nll",
    title="Poisson negative log-likelihood",
    variables=(prediction, Variable(target, domain=Interval(0, oo))),
    parameters=(
        Parameter(log_input, Integer(1), switch, samples=(Integer(0),), differentiable=False),
        Parameter(full, Integer(0), switch, samples=(Integer(1),), differentiable=False),
        Parameter(
            eps,
            default=Rational("1e-8"),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 8),),
            differentiable=False,
        ),
    ),
    expression=Piecewise(
        (exp(prediction) - target * prediction, Eq(log_input, 1)),
        (prediction - xlogy(target, prediction + eps), True),
    )
    + Piecewise((Piecewise((stirling, target > 1), (0, True)), Eq(full, 1)), (0, True)),
    requires=Or(Eq(log_input, 1), prediction >= 0),
    reductions=("none", "mean", "sum"),
    identities={
        "residual": Eq(
            Derivative(poisson_nll_(prediction, target), prediction), exp(prediction) - target
        ),
        "rate": Eq(
            poisson_nll_(prediction, target),
            poisson_nll_(exp(prediction) - Rational(1, 8), target, 0, 0, Rational(1, 8))
            + Rational(1, 8),
        ),
        "no event": Eq(poisson_nll_(prediction, 0), exp(prediction)),
    },
    aliases=("poisson_nll_loss", "poisson"),
    references=(
        Reference(
            authors=("McCullagh, Peter", "Nelder, John A."),
            title="Generalized Linear Models",
            year=1989,
            kind="book",
            where="Chapman and Hall",
            edition="second",
            doi="10.1007/978-1-4899-3242-6",
            place="section 6.2",
        ),
    ),
    notes="full adds Stirling's approximation of log(target!) where the target is above 1.",
)

gaussian_nll = Function(
    name="gaussian_nll",
    title="Gaussian negative log-likelihood",
    variables=(prediction, target, Variable(var, domain=Interval(0, oo))),
    parameters=(
        Parameter(full, Integer(0), switch, samples=(Integer(1),), differentiable=False),
        Parameter(
            eps,
            default=Rational("1e-6"),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 8), Rational("0.01")),
            differentiable=False,
        ),
    ),
    expression=(log(spread) + (prediction - target) ** 2 / spread) / 2
    + Piecewise((log(2 * pi) / 2, Eq(full, 1)), (0, True)),
    reductions=("none", "mean", "sum"),
    identities={
        "unit variance": Eq(gaussian_nll_(prediction, target, 1), half_(prediction, target)),
        "symmetry": Eq(
            gaussian_nll_(prediction, target, var), gaussian_nll_(target, prediction, var)
        ),
        "full": Eq(
            gaussian_nll_(prediction, target, var, 1) - gaussian_nll_(prediction, target, var),
            log(2 * pi) / 2,
        ),
    },
    requires=var >= eps,
    notes="A variance below eps counts as eps; whether its gradient passes there is a convention.",
    aliases=("gaussian_nll_loss",),
    references=(
        Reference(
            authors=("Nix, David A.", "Weigend, Andreas S."),
            title="Estimating the mean and variance of the target probability distribution",
            year=1994,
            kind="inproceedings",
            where="IEEE International Conference on Neural Networks",
            volume="1",
            pages="55-60",
            doi="10.1109/ICNN.1994.374138",
        ),
    ),
)
