from sympy import Derivative, Eq, IndexedBase, Interval, Rational, Sum, Symbol, Tuple, exp, log, oo

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..special import xlogy
from ..symbols import i, j, k, logits, n, p_vector, prediction, t_vector, target, z
from ..works import BISHOP, COVER

cross_entropy_, nll_, softmax_, log_softmax_, categorical_cross_entropy_, info_nce_ = map(
    applied,
    ("cross_entropy", "nll", "softmax", "log_softmax", "categorical_cross_entropy", "info_nce"),
)
bce_, bce_with_logits_, kl_div_ = map(applied, ("bce", "bce_with_logits", "kl_div"))
t, p, w = t_vector, p_vector, IndexedBase("weight", nonnegative=True)
q = IndexedBase("q", real=True)  # probabilities where p stands for their logarithms
smoothing = Symbol("label_smoothing", nonnegative=True)
temperature = Symbol("temperature", positive=True)
EACH = (i, 0, n - 1)
log_probability = z[i] - log(Sum(exp(z[j]), (j, 0, n - 1)))
REDUCTIONS = ("none", "mean", "sum")
CLASSES = Interval(0, 1)
IGNORED = -100

weight = Parameter(w, default=Rational(1), domain=Interval(0, oo), differentiable=False)

cross_entropy = Function(
    name="cross_entropy",
    title="Cross-entropy on logits",
    titles={"zh": "交叉熵损失"},
    variables=(
        Variable(z, called="logits", masked=True),
        Variable(t, domain=CLASSES, simplex=True),
    ),
    parameters=(
        weight,
        Parameter(
            smoothing,
            default=Rational(0),
            domain=CLASSES,
            samples=(Rational("0.1"), Rational(1, 2)),
            differentiable=False,
        ),
    ),
    expression=-Sum(w[i] * ((1 - smoothing) * t[i] + smoothing / n) * log_probability, EACH),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    divisor=Sum(w[i] * t[i], EACH),
    ignored=IGNORED,
    identities={
        # the targets sum to one, which makes this softmax - target
        "delta": Eq(
            Derivative(cross_entropy_(z[i], t[i]), z[k]), softmax_(z[k]) * Sum(t[i], EACH) - t[k]
        ),
        "log_softmax": Eq(cross_entropy_(z[i], t[i]), -Sum(t[i] * log_softmax_(z[i]), EACH)),
        "softmax": Eq(cross_entropy_(z[i], t[i]), categorical_cross_entropy_(softmax_(z[i]), t[i])),
        "two classes": Eq(
            cross_entropy_(Tuple(logits, 0), Tuple(target, 1 - target)),
            bce_with_logits_(logits, target),
        ),
        "nll of log_softmax": Eq(cross_entropy_(z[i], t[i]), nll_(log_softmax_(z[i]), t[i])),
    },
    aliases=("softmax_cross_entropy", "categorical_cross_entropy_with_logits"),
    references=(BISHOP.at("section 4.3.4"),),
)

nll = Function(
    name="nll",
    title="Negative log-likelihood on log-probabilities",
    titles={"zh": "对数似然损失函数"},
    variables=(
        Variable(p, domain=Interval(-oo, 0), called="log_prediction"),
        Variable(t, domain=CLASSES, one_hot=True, differentiable=False),
    ),
    parameters=(weight,),
    expression=-Sum(w[i] * t[i] * p[i], EACH),
    range=Interval(0, oo),
    homogeneous=(p,),
    reductions=REDUCTIONS,
    divisor=Sum(w[i] * t[i], EACH),
    ignored=IGNORED,
    identities={
        "cross-entropy": Eq(nll_(log(q[i]), t[i]), categorical_cross_entropy_(q[i], t[i])),
        "scale": Eq(nll_(2 * p[i], t[i]), 2 * nll_(p[i], t[i])),
    },
    aliases=("nll_loss", "negative_log_likelihood"),
    references=(BISHOP.at("section 4.3.4"),),
)

categorical_cross_entropy = Function(
    name="categorical_cross_entropy",
    title="Cross-entropy on probabilities",
    titles={"zh": "分类交叉熵"},
    variables=(
        Variable(p, domain=CLASSES, called="prediction"),
        Variable(t, domain=CLASSES, simplex=True),
    ),
    expression=-Sum(xlogy(t[i], p[i]), EACH),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "divergence and entropy": Eq(
            categorical_cross_entropy_(p[i], t[i]),
            Sum(kl_div_(log(p[i]), t[i]), EACH) + categorical_cross_entropy_(t[i], t[i]),
        ),
        "two classes": Eq(
            categorical_cross_entropy_(
                Tuple(prediction, 1 - prediction), Tuple(target, 1 - target)
            ),
            bce_(prediction, target),
        ),
    },
    aliases=("categorical_crossentropy",),
    references=(COVER.at("section 2.3"),),
)

info_nce = Function(
    name="info_nce",
    title="InfoNCE: the cross-entropy of scaled similarities",
    variables=(
        Variable(z, called="similarity", masked=True),
        Variable(t, domain=CLASSES, simplex=True),
    ),
    parameters=(
        Parameter(
            temperature,
            default=Rational("0.07"),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational(1)),
        ),
    ),
    expression=Sum(
        t[i] * (log(Sum(exp(z[j] / temperature), (j, 0, n - 1))) - z[i] / temperature), EACH
    ),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "cross-entropy": Eq(
            info_nce_(z[i], t[i], temperature), cross_entropy_(z[i] / temperature, t[i])
        ),
        "unit temperature": Eq(info_nce_(z[i], t[i], 1), cross_entropy_(z[i], t[i])),
    },
    notes="The similarities are those of a query with its keys; the target marks the positive key.",
    references=(
        Reference(
            authors=("van den Oord, Aäron", "Li, Yazhe", "Vinyals, Oriol"),
            title="Representation learning with contrastive predictive coding",
            year=2018,
            arxiv="1807.03748",
            place="equation (4)",
        ),
    ),
)
