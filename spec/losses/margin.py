from sympy import (
    Derivative,
    Eq,
    FiniteSet,
    Interval,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    exp,
    log,
    oo,
)

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..symbols import prediction, target, x
from ..works import PYTORCH

margin = Symbol("margin", nonnegative=True)
x1, x2 = Symbol("x1", real=True), Symbol("x2", real=True)
distance = Symbol("distance", real=True)
soft_margin_, margin_ranking_, hinge_embedding_, contrastive_ = map(
    applied, ("soft_margin", "margin_ranking", "hinge_embedding", "contrastive")
)
softplus_, sigmoid_, relu_, hinge_, squared_hinge_, mse_, bce_with_logits_ = map(
    applied, ("softplus", "sigmoid", "relu", "hinge", "squared_hinge", "mse", "bce_with_logits")
)
REDUCTIONS = ("none", "mean", "sum")
side = Variable(target, domain=FiniteSet(-1, 1), differentiable=False)

soft_margin = Function(
    name="soft_margin",
    title="Logistic loss of a margin",
    variables=(prediction, side),
    expression=log(1 + exp(-target * prediction)),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "softplus": Eq(soft_margin_(prediction, target), softplus_(-target * prediction)),
        "slope": Eq(
            Derivative(soft_margin_(prediction, target), prediction),
            -target * sigmoid_(-target * prediction),
        ),
        "cross-entropy": Eq(soft_margin_(prediction, 1), bce_with_logits_(prediction, 1)),
    },
    aliases=("soft_margin_loss", "logistic_loss"),
    references=(
        Reference(
            authors=("Friedman, Jerome", "Hastie, Trevor", "Tibshirani, Robert"),
            title="Additive logistic regression: A statistical view of boosting",
            year=2000,
            kind="article",
            where="Annals of Statistics",
            volume="28",
            number="2",
            pages="337-407",
            doi="10.1214/aos/1016218223",
        ),
    ),
)

margin_ranking = Function(
    name="margin_ranking",
    title="Margin ranking loss",
    variables=(x1, x2, side),
    parameters=(
        Parameter(
            margin,
            default=Rational(0),
            domain=Interval(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(2)),
        ),
    ),
    expression=Piecewise(
        (margin - target * (x1 - x2), target * (x1 - x2) < margin),
        (0, True),
    ),
    kinks={margin - target * (x1 - x2): Interval(Min(0, -target), Max(0, -target))},
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "rectified": Eq(
            margin_ranking_(x1, x2, target, margin), relu_(margin - target * (x1 - x2))
        ),
        "order": Eq(
            margin_ranking_(x1, x2, target, margin), margin_ranking_(x2, x1, -target, margin)
        ),
        "hinge": Eq(margin_ranking_(x1, 0, target, 1), hinge_(x1, target)),
    },
    aliases=("margin_ranking_loss",),
    references=(
        Reference(
            authors=("Herbrich, Ralf", "Graepel, Thore", "Obermayer, Klaus"),
            title="Support vector learning for ordinal regression",
            year=1999,
            kind="inproceedings",
            where="International Conference on Artificial Neural Networks",
            volume="1",
            pages="97-102",
            doi="10.1049/cp:19991091",
        ),
    ),
)

hinge_embedding = Function(
    name="hinge_embedding",
    title="Hinge embedding loss",
    variables=(x, side),
    parameters=(
        Parameter(
            margin,
            default=Rational(1),
            domain=Interval(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(4)),
        ),
    ),
    expression=Piecewise((x, target > 0), (margin - x, x < margin), (0, True)),
    kinks={(margin - x) * (1 - target): Interval(-1, 0)},
    reductions=REDUCTIONS,
    identities={
        "similar": Eq(hinge_embedding_(x, 1, margin), x),
        "dissimilar": Eq(hinge_embedding_(x, -1, margin), relu_(margin - x)),
        "hinge": Eq(hinge_embedding_(x, -1), hinge_(x, 1)),
    },
    aliases=("hinge_embedding_loss",),
    references=(PYTORCH.at("torch.nn.HingeEmbeddingLoss"),),
)

contrastive = Function(
    name="contrastive",
    title="Contrastive loss of a distance",
    titles={"zh": "对比损失"},
    variables=(
        Variable(distance, domain=Interval(0, oo)),
        Variable(target, domain=FiniteSet(0, 1), differentiable=False),
    ),
    parameters=(
        Parameter(
            margin,
            default=Rational(1),
            domain=Interval(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(4)),
        ),
    ),
    expression=target * distance**2
    + (1 - target) * Piecewise((margin - distance, distance < margin), (0, True)) ** 2,
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "similar": Eq(contrastive_(distance, 1, margin), mse_(distance, 0)),
        "dissimilar": Eq(contrastive_(distance, 0), squared_hinge_(distance, 1)),
        "rectified": Eq(contrastive_(distance, 0, margin), relu_(margin - distance) ** 2),
    },
    aliases=("contrastive_loss",),
    references=(
        Reference(
            authors=("Hadsell, Raia", "Chopra, Sumit", "LeCun, Yann"),
            title="Dimensionality reduction by learning an invariant mapping",
            year=2006,
            kind="inproceedings",
            where="IEEE Computer Society Conference on Computer Vision and Pattern Recognition",
            volume="2",
            pages="1735-1742",
            doi="10.1109/CVPR.2006.100",
        ),
    ),
    notes="Target 1 marks a similar pair; the original has 0 there, and halves.",
)
