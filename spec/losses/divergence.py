from sympy import Derivative, Eq, Interval, Piecewise, Rational, exp, log

from ..function import Function, Variable, applied
from ..references import Reference
from ..special import xlogy
from ..symbols import prediction, target

KULLBACK = Reference(
    authors=("Kullback, Solomon", "Leibler, Richard A."),
    title="On information and sufficiency",
    year=1951,
    kind="article",
    where="Annals of Mathematical Statistics",
    volume="22",
    number="1",
    pages="79-86",
    doi="10.1214/aoms/1177729694",
)

kl_div_, kl_div_log_target_, js_div_, bce_ = map(
    applied, ("kl_div", "kl_div_log_target", "js_div", "bce")
)
REDUCTIONS = ("none", "mean", "sum", "batchmean")
unit = Interval(0, 1)
total = prediction + target
half = Rational(1, 2)
middle = (prediction + half) / 2

kl_div = Function(
    name="kl_div",
    title="Kullback-Leibler divergence, one term, on a log-probability",
    variables=(prediction, Variable(target, domain=unit)),
    expression=xlogy(target, target) - target * prediction,
    reductions=REDUCTIONS,
    identities={
        "no divergence": Eq(kl_div_(log(target), target), 0),
        "cross-entropy minus entropy": Eq(
            kl_div_(log(prediction), target) + kl_div_(log(1 - prediction), 1 - target),
            bce_(prediction, target) - bce_(target, target),
        ),
        "slope": Eq(Derivative(kl_div_(prediction, target), prediction), -target),
    },
    aliases=("kl_div_loss",),
    references=(KULLBACK,),
)

kl_div_log_target = Function(
    name="kl_div_log_target",
    title="Kullback-Leibler divergence, one term, on two log-probabilities",
    variables=(prediction, target),
    expression=exp(target) * (target - prediction),
    reductions=REDUCTIONS,
    identities={
        "probability": Eq(kl_div_log_target_(prediction, target), kl_div_(prediction, exp(target))),
        "no divergence": Eq(kl_div_log_target_(target, target), 0),
        "slope": Eq(Derivative(kl_div_log_target_(prediction, target), prediction), -exp(target)),
    },
    references=(KULLBACK,),
)

js_div = Function(
    name="js_div",
    title="Jensen-Shannon divergence, one term, on probabilities",
    variables=(Variable(prediction, domain=unit), Variable(target, domain=unit)),
    expression=Piecewise(
        (
            xlogy(prediction / 2, 2 * prediction / total) + xlogy(target / 2, 2 * target / total),
            total > 0,
        ),
        (0, True),
    ),
    range=Interval(0, log(2)),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={
        "symmetry": Eq(js_div_(prediction, target), js_div_(target, prediction)),
        "scale": Eq(js_div_(prediction / 2, target / 2), js_div_(prediction, target) / 2),
        "mean of two divergences": Eq(
            js_div_(prediction, half),
            (kl_div_(log(middle), prediction) + kl_div_(log(middle), half)) / 2,
        ),
    },
    aliases=("jensen_shannon",),
    references=(
        Reference(
            authors=("Lin, Jianhua",),
            title="Divergence measures based on the Shannon entropy",
            year=1991,
            kind="article",
            where="IEEE Transactions on Information Theory",
            volume="37",
            number="1",
            pages="145-151",
            doi="10.1109/18.61115",
        ),
    ),
    notes="Where both probabilities are 0 there is no gradient: it depends on the direction.",
)
