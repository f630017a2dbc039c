from sympy import Derivative, Eq, Symbol, oo

from ..function import Function, applied
from ..references import Reference

ARJOVSKY = Reference(
    authors=("Arjovsky, Martin", "Chintala, Soumith", "Bottou, Léon"),
    title="Wasserstein GAN",
    year=2017,
    arxiv="1701.07875",
)

real, fake = Symbol("real", real=True), Symbol("fake", real=True)
critic_, generator_ = applied("wasserstein_critic"), applied("wasserstein_generator")
REDUCTIONS = ("none", "mean", "sum")

wasserstein_critic = Function(
    name="wasserstein_critic",
    title="Wasserstein loss of a critic",
    variables=(real, fake),
    expression=fake - real,
    homogeneous=(real, fake),
    reductions=REDUCTIONS,
    identities={
        "generator": Eq(critic_(real, fake), generator_(real) - generator_(fake)),
        "exchange": Eq(critic_(real, fake), -critic_(fake, real)),
    },
    references=(ARJOVSKY,),
)

wasserstein_generator = Function(
    name="wasserstein_generator",
    title="Wasserstein loss of a generator",
    variables=(fake,),
    expression=-fake,
    special_values={-oo: oo, 0: 0, oo: -oo},
    parity="odd",
    monotone="decreasing",
    homogeneous=(fake,),
    reductions=REDUCTIONS,
    identities={
        "critic": Eq(generator_(fake), -critic_(0, fake)),
        "slope": Eq(Derivative(generator_(fake), fake), -1),
    },
    references=(ARJOVSKY,),
)
