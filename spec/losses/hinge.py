from sympy import Derivative, Eq, FiniteSet, Interval, Max, Min, oo

from ..function import Function, Variable, applied
from ..references import Reference
from ..symbols import prediction, target

hinge_, squared_hinge_, perceptron_, relu_ = map(
    applied, ("hinge", "squared_hinge", "perceptron", "relu")
)
side = Variable(target, domain=FiniteSet(-1, 1), differentiable=False)

hinge = Function(
    name="hinge",
    title="Hinge loss",
    titles={"zh": "合页损失"},
    variables=(prediction, side),
    expression=Max(0, 1 - target * prediction),
    kinks={1 - target * prediction: Interval(Min(0, -target), Max(0, -target))},
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "rectified margin": Eq(hinge_(prediction, target), relu_(1 - target * prediction)),
    },
    aliases=("hinge_loss",),
    references=(
        Reference(
            authors=("Cortes, Corinna", "Vapnik, Vladimir"),
            title="Support-vector networks",
            year=1995,
            kind="article",
            where="Machine Learning",
            volume="20",
            number="3",
            pages="273-297",
            doi="10.1007/BF00994018",
        ),
    ),
)

squared_hinge = Function(
    name="squared_hinge",
    title="Squared hinge loss",
    variables=(prediction, side),
    expression=Max(0, 1 - target * prediction) ** 2,
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "square": Eq(squared_hinge_(prediction, target), hinge_(prediction, target) ** 2),
        "slope": Eq(
            Derivative(squared_hinge_(prediction, target), prediction),
            -2 * target * hinge_(prediction, target),
        ),
    },
    aliases=("squared_hinge_loss",),
    references=(
        Reference(
            authors=(
                "Rosasco, Lorenzo",
                "De Vito, Ernesto",
                "Caponnetto, Andrea",
                "Piana, Michele",
                "Verri, Alessandro",
            ),
            title="Are loss functions all the same?",
            year=2004,
            kind="article",
            where="Neural Computation",
            volume="16",
            number="5",
            pages="1063-1076",
            doi="10.1162/089976604773135104",
        ),
    ),
)

perceptron = Function(
    name="perceptron",
    title="Perceptron loss",
    variables=(prediction, side),
    expression=Max(0, -target * prediction),
    kinks={prediction: Interval(Min(0, -target), Max(0, -target))},
    range=Interval(0, oo),
    homogeneous=(prediction,),
    reductions=("none", "mean", "sum"),
    identities={
        "rectified": Eq(perceptron_(prediction, target), relu_(-target * prediction)),
        "shifted hinge": Eq(
            perceptron_(prediction, target), hinge_(prediction + target, target)
        ).subs(target, 1),
    },
    aliases=("perceptron_loss",),
    references=(
        Reference(
            authors=("Rosenblatt, Frank",),
            title="The perceptron: A probabilistic model for information storage and organization "
            "in the brain",
            year=1958,
            kind="article",
            where="Psychological Review",
            volume="65",
            number="6",
            pages="386-408",
            doi="10.1037/h0042519",
        ),
    ),
)
