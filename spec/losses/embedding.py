from sympy import (
    Eq,
    Expr,
    FiniteSet,
    IndexedBase,
    Interval,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    oo,
    sqrt,
)

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..symbols import i, j, n
from ..works import PYTORCH

x1, x2 = IndexedBase("x1", real=True), IndexedBase("x2", real=True)
anchor, positive, negative = (
    IndexedBase(name, real=True) for name in ("anchor", "positive", "negative")
)
label = Symbol("t", integer=True)
margin = Symbol("margin", real=True)
cosine_embedding_, cosine_similarity_, triplet_margin_, pairwise_distance_, relu_ = map(
    applied,
    ("cosine_embedding", "cosine_similarity", "triplet_margin", "pairwise_distance", "relu"),
)
REDUCTIONS = ("none", "mean", "sum")
ALL = (j, 0, n - 1)

cosine = Sum(x1[j] * x2[j], ALL) / (sqrt(Sum(x1[j] ** 2, ALL)) * sqrt(Sum(x2[j] ** 2, ALL)))

cosine_embedding = Function(
    name="cosine_embedding",
    title="Cosine embedding loss",
    variables=(
        x1,
        x2,
        Variable(label, domain=FiniteSet(-1, 1), called="target", differentiable=False),
    ),
    parameters=(
        Parameter(
            margin,
            default=Rational(0),
            domain=Interval(-1, 1),
            samples=(Rational(1, 2), Rational("-0.3")),
            differentiable=False,
        ),
    ),
    expression=Piecewise((1 - cosine, Eq(label, 1)), (Max(0, cosine - margin), True)),
    range=Interval(0, 2),
    reductions=REDUCTIONS,
    identities={
        "alike": Eq(cosine_embedding_(x1[i], x2[i], 1), 1 - cosine_similarity_(x1[i], x2[i])),
        "unlike": Eq(
            cosine_embedding_(x1[i], x2[i], -1, margin),
            relu_(cosine_similarity_(x1[i], x2[i]) - margin),
        ),
    },
    aliases=("cosine_embedding_loss",),
    references=(PYTORCH.at("torch.nn.CosineEmbeddingLoss, without the eps"),),
)


def distance(a: IndexedBase, b: IndexedBase) -> Expr:
    """The Euclidean distance of two rows."""
    return sqrt(Sum((a[j] - b[j]) ** 2, ALL))


triplet_margin = Function(
    name="triplet_margin",
    title="Triplet margin loss",
    variables=(anchor, positive, negative),
    parameters=(
        Parameter(
            margin,
            default=Rational(1),
            domain=Interval(0, oo),
            samples=(Rational("0.2"), Rational(3)),
            differentiable=False,
        ),
    ),
    expression=Max(0, margin + distance(anchor, positive) - distance(anchor, negative)),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "distances": Eq(
            triplet_margin_(anchor[i], positive[i], negative[i]),
            relu_(
                1
                + pairwise_distance_(anchor[i], positive[i])
                - pairwise_distance_(anchor[i], negative[i])
            ),
        ),
    },
    aliases=("triplet_margin_loss", "triplet"),
    references=(
        Reference(
            authors=(
                "Balntas, Vassileios",
                "Riba, Edgar",
                "Ponsa, Daniel",
                "Mikolajczyk, Krystian",
            ),
            title="Learning local feature descriptors with triplets and shallow convolutional "
            "neural networks",
            year=2016,
            kind="inproceedings",
            where="British Machine Vision Conference",
            pages="119.1-119.11",
            doi="10.5244/C.30.119",
            place="section 2",
        ),
    ),
)
