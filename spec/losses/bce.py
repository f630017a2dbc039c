from sympy import Derivative, Eq, Interval, Rational, Symbol, exp, log, oo

from ..function import Function, Parameter, Variable, applied
from ..special import xlogy
from ..symbols import logits, prediction, target
from ..works import BISHOP, COVER

pos_weight = Symbol("pos_weight", nonnegative=True)
bce_, bce_with_logits_, sigmoid_, softplus_ = map(
    applied, ("bce", "bce_with_logits", "sigmoid", "softplus")
)
unit = Interval(0, 1)

bce = Function(
    name="bce",
    title="Binary cross-entropy on probabilities",
    titles={"zh": "二元交叉熵"},
    variables=(Variable(prediction, domain=unit), Variable(target, domain=unit)),
    expression=-(xlogy(target, prediction) + xlogy(1 - target, 1 - prediction)),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "reflection": Eq(bce_(prediction, target), bce_(1 - prediction, 1 - target)),
        "delta after sigmoid": Eq(
            Derivative(bce_(sigmoid_(logits), target), logits), sigmoid_(logits) - target
        ),
        "logits": Eq(bce_(sigmoid_(logits), target), bce_with_logits_(logits, target)),
    },
    aliases=("binary_cross_entropy", "log_loss"),
    references=(COVER.at("section 2.1"),),
)

bce_with_logits = Function(
    name="bce_with_logits",
    title="Binary cross-entropy on logits",
    variables=(logits, Variable(target, domain=unit)),
    parameters=(
        Parameter(
            pos_weight,
            default=Rational(1),
            domain=Interval(0, oo),
            samples=(Rational(1, 2), Rational(3), Rational("0.3")),
        ),
    ),
    expression=pos_weight * target * log(1 + exp(-logits)) + (1 - target) * log(1 + exp(logits)),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "softplus": Eq(
            bce_with_logits_(logits, target),
            target * softplus_(-logits) + (1 - target) * softplus_(logits),
        ),
        "delta": Eq(
            Derivative(bce_with_logits_(logits, target), logits), sigmoid_(logits) - target
        ),
    },
    aliases=("binary_cross_entropy_with_logits", "sigmoid_binary_cross_entropy"),
    references=(BISHOP.at("section 4.3.2"),),
)
