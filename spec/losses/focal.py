from sympy import Eq, FiniteSet, Interval, Piecewise, Rational, Symbol, exp, log, oo

from ..function import Function, Parameter, Variable, applied
from ..symbols import logits, prediction, target
from ..works import LIN

alpha = Symbol("alpha", real=True)
gamma = Symbol("gamma", nonnegative=True)
focal_, focal_with_logits_, bce_, bce_with_logits_, sigmoid_, softplus_ = map(
    applied, ("focal", "focal_with_logits", "bce", "bce_with_logits", "sigmoid", "softplus")
)
label = Variable(target, domain=FiniteSet(0, 1), differentiable=False)
half = Rational(1, 2)
balance = target * alpha + (1 - target) * (1 - alpha)
right = Piecewise((prediction, target > half), (1 - prediction, True))
wrong = Piecewise((1 - prediction, target > half), (prediction, True))
s = (2 * target - 1) * logits
choices = (
    Parameter(
        alpha,
        default=Rational(1, 4),
        domain=Interval(0, 1),
        samples=(Rational(1, 2), Rational("0.9")),
    ),
    Parameter(
        gamma,
        default=Rational(2),
        domain=Interval(0, oo),
        samples=(Rational(0), Rational(1, 2), Rational("1.3"), Rational(5)),
    ),
)

focal = Function(
    name="focal",
    title="Focal loss on probabilities",
    variables=(Variable(prediction, domain=Interval(0, 1)), label),
    parameters=choices,
    expression=-balance * wrong**gamma * log(right),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "no focus": Eq(focal_(prediction, 1, half, 0), bce_(prediction, 1) / 2),
        "reflection": Eq(
            focal_(prediction, 1, alpha, gamma), focal_(1 - prediction, 0, 1 - alpha, gamma)
        ),
        "logits": Eq(
            focal_(sigmoid_(logits), 1, alpha, gamma), focal_with_logits_(logits, 1, alpha, gamma)
        ),
    },
    aliases=("binary_focal", "binary_focal_crossentropy", "focal_loss"),
    references=(LIN.at("equation (5)"),),
)

focal_with_logits = Function(
    name="focal_with_logits",
    title="Focal loss on logits",
    variables=(logits, label),
    parameters=choices,
    expression=balance * (1 + exp(s)) ** (-gamma) * log(1 + exp(-s)),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "no focus": Eq(focal_with_logits_(logits, 1, half, 0), bce_with_logits_(logits, 1) / 2),
        "reflection": Eq(
            focal_with_logits_(logits, target, alpha, gamma),
            focal_with_logits_(-logits, 1 - target, 1 - alpha, gamma),
        ),
        "modulated": Eq(
            focal_with_logits_(logits, 1, alpha, gamma),
            alpha * exp(-gamma * softplus_(logits)) * softplus_(-logits),
        ),
    },
    aliases=("sigmoid_focal_loss", "focal_loss_with_logits"),
    references=(LIN.at("equation (5)"),),
)
