from sympy import (
    Abs,
    Eq,
    FiniteSet,
    IndexedBase,
    Integer,
    Interval,
    Piecewise,
    Sum,
    Symbol,
    oo,
    sqrt,
)

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import i, j, n

x1, x2 = IndexedBase("x1", real=True), IndexedBase("x2", real=True)
p = Symbol("p", integer=True, positive=True)
ALL = (j, 0, n - 1)
shift = Symbol("c", real=True)
pairwise_distance_, cosine_similarity_, mae_, mse_ = map(
    applied, ("pairwise_distance", "cosine_similarity", "mae", "mse")
)

pairwise_distance = Function(
    name="pairwise_distance",
    title="Distance of two rows",
    variables=(x1, x2),
    parameters=(
        Parameter(
            p,
            default=Integer(2),
            domain=FiniteSet(1, 2),
            samples=(Integer(1),),
            differentiable=False,
        ),
    ),
    expression=Piecewise(
        (Sum(Abs(x1[j] - x2[j]), ALL), Eq(p, 1)), (sqrt(Sum((x1[j] - x2[j]) ** 2, ALL)), True)
    ),
    range=Interval(0, oo),
    homogeneous=(x1, x2),
    identities={
        "symmetry": Eq(pairwise_distance_(x1[i], x2[i]), pairwise_distance_(x2[i], x1[i])),
        "scale": Eq(pairwise_distance_(2 * x1[i], 2 * x2[i]), 2 * pairwise_distance_(x1[i], x2[i])),
        "shift": Eq(
            pairwise_distance_(x1[i] + shift, x2[i] + shift), pairwise_distance_(x1[i], x2[i])
        ),
        "absolute errors": Eq(
            pairwise_distance_(x1[i], x2[i], 1), Sum(mae_(x1[i], x2[i]), (i, 0, n - 1))
        ),
        "squared errors": Eq(
            pairwise_distance_(x1[i], x2[i]) ** 2, Sum(mse_(x1[i], x2[i]), (i, 0, n - 1))
        ),
    },
    references=(
        Reference(
            authors=("Deza, Michel Marie", "Deza, Elena"),
            title="Encyclopedia of Distances",
            year=2016,
            kind="book",
            where="Springer",
            edition="fourth",
            doi="10.1007/978-3-662-52844-0",
            place="section 5.2",
        ),
    ),
)

cosine_similarity = Function(
    name="cosine_similarity",
    title="Cosine of the angle between two rows",
    variables=(x1, x2),
    expression=Sum(x1[j] * x2[j], ALL) / (sqrt(Sum(x1[j] ** 2, ALL)) * sqrt(Sum(x2[j] ** 2, ALL))),
    range=Interval(-1, 1),
    identities={
        "symmetry": Eq(cosine_similarity_(x1[i], x2[i]), cosine_similarity_(x2[i], x1[i])),
        "itself": Eq(cosine_similarity_(x1[i], x1[i]), 1),
        "opposite": Eq(cosine_similarity_(-x1[i], x2[i]), -cosine_similarity_(x1[i], x2[i])),
        "scale": Eq(cosine_similarity_(2 * x1[i], x2[i]), cosine_similarity_(x1[i], x2[i])),
    },
    references=(
        Reference(
            authors=("Manning, Christopher D.", "Raghavan, Prabhakar", "Schütze, Hinrich"),
            title="Introduction to Information Retrieval",
            year=2008,
            kind="book",
            where="Cambridge University Press",
            doi="10.1017/CBO9780511809071",
            place="section 6.3",
        ),
    ),
)
