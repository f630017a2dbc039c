from sympy import Abs, Derivative, Eq, Interval, Piecewise, Rational, Symbol, cosh, log, oo, sqrt

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import prediction, target, x
from .regression import REDUCTIONS, d, delta

beta = Symbol("beta", positive=True)
smooth_l1_, pseudo_huber_, log_cosh_, huber_, mse_, half_, mae_, softplus_, tanh_ = map(
    applied,
    (
        "smooth_l1",
        "pseudo_huber",
        "log_cosh",
        "huber",
        "mse",
        "half_squared_error",
        "mae",
        "softplus",
        "tanh",
    ),
)

smooth_l1 = Function(
    name="smooth_l1",
    title="Smooth L1 loss",
    titles={"zh": "平滑L1损失"},
    variables=(prediction, target),
    parameters=(
        Parameter(
            beta,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(4)),
        ),
    ),
    expression=Piecewise((d**2 / (2 * beta), Abs(d) <= beta), (Abs(d) - beta / 2, True)),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "huber": Eq(smooth_l1_(prediction, target, beta), huber_(prediction, target, beta) / beta),
        "square inside": Eq(smooth_l1_(x / 2, -x / 2, Abs(x) + 1) * (Abs(x) + 1), half_(x, 0)),
        "absolute outside": Eq(smooth_l1_(x, 0, Rational(1, 2)), mae_(x, 0) - Rational(1, 4)).subs(
            x, Abs(x) + 1
        ),
    },
    aliases=("smooth_l1_loss",),
    references=(
        Reference(
            authors=("Girshick, Ross",),
            title="Fast R-CNN",
            year=2015,
            kind="inproceedings",
            where="IEEE International Conference on Computer Vision",
            pages="1440-1448",
            doi="10.1109/ICCV.2015.169",
            arxiv="1504.08083",
            place="equation (3)",
        ),
    ),
    notes="Where beta reaches 0 it is the absolute error.",
)

pseudo_huber = Function(
    name="pseudo_huber",
    title="Pseudo-Huber loss",
    titles={"zh": "平滑L2损失"},
    variables=(prediction, target),
    parameters=(
        Parameter(
            delta,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(4)),
        ),
    ),
    expression=delta**2 * (sqrt(1 + (d / delta) ** 2) - 1),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "symmetry": Eq(pseudo_huber_(prediction, target), pseudo_huber_(target, prediction)),
        "hyperbola": Eq(
            (pseudo_huber_(prediction, target, delta) / delta + delta) ** 2,
            mse_(prediction, target) + delta**2,
        ),
        "slope": Eq(
            Derivative(pseudo_huber_(prediction, target, delta), prediction)
            * (pseudo_huber_(prediction, target, delta) / delta + delta),
            delta * (prediction - target),
        ),
    },
    aliases=("pseudo_huber_loss", "charbonnier", "smooth_l2"),
    references=(
        Reference(
            authors=(
                "Charbonnier, Pierre",
                "Blanc-Féraud, Laure",
                "Aubert, Gilles",
                "Barlaud, Michel",
            ),
            title="Deterministic edge-preserving regularization in computed imaging",
            year=1997,
            kind="article",
            where="IEEE Transactions on Image Processing",
            volume="6",
            number="2",
            pages="298-311",
            doi="10.1109/83.551699",
        ),
        Reference(
            authors=("Hartley, Richard", "Zisserman, Andrew"),
            title="Multiple View Geometry in Computer Vision",
            year=2004,
            kind="book",
            where="Cambridge University Press",
            edition="second",
            doi="10.1017/CBO9780511811685",
            place="appendix A6.8",
        ),
    ),
    notes="A smooth L2 loss is named in the articles without a formula; this is the smooth function"
    " that is quadratic near zero and linear far out.",
)

log_cosh = Function(
    name="log_cosh",
    title="Logarithm of the hyperbolic cosine",
    variables=(prediction, target),
    expression=log(cosh(d)),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "softplus": Eq(
            log_cosh_(prediction, target),
            mae_(prediction, target) + softplus_(-2 * mae_(prediction, target)) - log(2),
        ),
        "slope": Eq(
            Derivative(log_cosh_(prediction, target), prediction), tanh_(prediction - target)
        ),
        "symmetry": Eq(log_cosh_(prediction, target), log_cosh_(target, prediction)),
    },
    aliases=("logcosh", "log_cosh_loss"),
    references=(
        Reference(
            authors=("Saleh, Resve A.", "Saleh, A. K. Md. Ehsanes"),
            title="Statistical properties of the log-cosh loss function used in machine learning",
            year=2022,
            arxiv="2208.04564",
        ),
    ),
)
