from sympy import (
    Eq,
    FiniteSet,
    Integer,
    Interval,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
    oo,
)

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..special import Largest, positive_part
from ..symbols import i, j, n, r, t_vector, z
from ..works import BISHOP

t = t_vector
margin = Symbol("margin", real=True)
power = Symbol("p", integer=True, positive=True)
x1, x2 = Symbol("x1", real=True), Symbol("x2", real=True)
multi_margin_, categorical_hinge_, multilabel_margin_, multilabel_soft_margin_ = map(
    applied, ("multi_margin", "categorical_hinge", "multilabel_margin", "multilabel_soft_margin")
)
hinge_, squared_hinge_, margin_ranking_, relu_, bce_with_logits_ = map(
    applied, ("hinge", "squared_hinge", "margin_ranking", "relu", "bce_with_logits")
)
pair, first = Tuple(x1, x2), Tuple(1, 0)
REDUCTIONS = ("none", "mean", "sum")
LABELS = FiniteSet(0, 1)
EACH, OTHER = (j, 0, n - 1), (r, 0, n - 1)
own = Sum(t[r] * z[r], OTHER)  # the score of the class that is the label
over = positive_part(margin - own + z[j])

multi_margin = Function(
    name="multi_margin",
    title="Multi-class margin loss",
    variables=(
        Variable(z, called="prediction"),
        Variable(t, domain=LABELS, one_hot=True, differentiable=False),
    ),
    parameters=(
        Parameter(
            power,
            default=Integer(1),
            domain=FiniteSet(1, 2),
            samples=(Integer(2),),
            differentiable=False,
        ),
        Parameter(
            margin,
            default=Rational(1),
            samples=(Rational(1, 2), Rational(3)),
            domain=Interval.open(0, oo),
            differentiable=False,
        ),
    ),
    expression=Sum((1 - t[j]) * Piecewise((over, Eq(power, 1)), (over**2, True)), EACH) / n,
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "two classes": Eq(
            multi_margin_(pair, first, 1, margin), margin_ranking_(x1, x2, 1, margin) / 2
        ),
        "two classes, squared": Eq(multi_margin_(pair, first, 2), squared_hinge_(x1 - x2, 1) / 2),
    },
    aliases=("multi_margin_loss",),
    references=(
        Reference(
            authors=("Crammer, Koby", "Singer, Yoram"),
            title="On the algorithmic implementation of multiclass kernel-based vector machines",
            year=2001,
            kind="article",
            where="Journal of Machine Learning Research",
            volume="2",
            pages="265-292",
            place="section 3",
        ),
    ),
)

categorical_hinge = Function(
    name="categorical_hinge",
    title="Categorical hinge loss",
    variables=(
        Variable(z, called="prediction"),
        Variable(t, domain=LABELS, simplex=True, differentiable=False),
    ),
    expression=Max(0, 1 + Largest((1 - t[j]) * z[j], EACH) - own),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        # the label's own score is left out as a 0 among the others
        "two classes": Eq(categorical_hinge_(pair, first), hinge_(x1 - relu_(x2), 1)),
    },
    references=(
        Reference(
            authors=("Weston, Jason", "Watkins, Chris"),
            title="Support vector machines for multi-class pattern recognition",
            year=1999,
            kind="inproceedings",
            where="European Symposium on Artificial Neural Networks",
            pages="219-224",
        ),
    ),
)

multilabel_margin = Function(
    name="multilabel_margin",
    title="Multi-label margin loss",
    variables=(
        Variable(z, called="prediction"),
        Variable(t, domain=LABELS, differentiable=False),
    ),
    expression=Sum(t[j] * Sum((1 - t[r]) * positive_part(1 - z[j] + z[r]), OTHER), EACH) / n,
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "two classes": Eq(multilabel_margin_(pair, first), multi_margin_(pair, first)),
        "hinge": Eq(multilabel_margin_(pair, first), hinge_(x1 - x2, 1) / 2),
        "every label": Eq(multilabel_margin_(pair, Tuple(1, 1)), 0),
    },
    notes="The target has a 1 for each label that applies.",
    aliases=("multilabel_margin_loss",),
    references=(
        Reference(
            authors=("Crammer, Koby", "Singer, Yoram"),
            title="A family of additive online algorithms for category ranking",
            year=2003,
            kind="article",
            where="Journal of Machine Learning Research",
            volume="3",
            pages="1025-1058",
        ),
    ),
)

multilabel_soft_margin = Function(
    name="multilabel_soft_margin",
    title="Multi-label soft margin loss",
    variables=(Variable(z, called="logits"), Variable(t, domain=Interval(0, 1))),
    expression=Sum(t[j] * log(1 + exp(-z[j])) + (1 - t[j]) * log(1 + exp(z[j])), EACH) / n,
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "binary cross-entropies": Eq(
            multilabel_soft_margin_(z[i], t[i]),
            Sum(bce_with_logits_(z[j], t[j]), EACH) / n,
        ),
    },
    aliases=("multilabel_soft_margin_loss",),
    references=(BISHOP.at("section 4.3.2"),),
)
