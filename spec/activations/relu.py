from sympy import Eq, Interval, Max, Min, Piecewise, Rational, Reals, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..symbols import x
from ..works import GLOROT

negative_slope = Symbol("negative_slope", real=True)
weight = Symbol("weight", real=True)
relu_, leaky_relu_, prelu_, step_ = map(applied, ("relu", "leaky_relu", "prelu", "step"))

relu = Function(
    name="relu",
    title="Rectified linear unit",
    variables=(x,),
    expression=Max(0, x),
    kinks={0: Interval(0, 1)},
    special_values={0: 0, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    homogeneous=(x,),
    identities={
        "odd part": Eq(relu_(x) - relu_(-x), x),
        "idempotent": Eq(relu_(relu_(x)), relu_(x)),
    },
    references=(
        Reference(
            authors=("Nair, Vinod", "Hinton, Geoffrey E."),
            title="Rectified linear units improve restricted Boltzmann machines",
            year=2010,
            kind="inproceedings",
            where="International Conference on Machine Learning",
            pages="807-814",
        ),
        GLOROT,
    ),
)

leaky_relu = Function(
    name="leaky_relu",
    title="Leaky rectified linear unit",
    variables=(x,),
    parameters=(
        Parameter(
            negative_slope,
            default=Rational("0.01"),
            samples=(Rational(1, 4), Rational("0.3"), Rational(2)),
        ),
    ),
    expression=Piecewise((x, x > 0), (negative_slope * x, True)),
    kinks={0: Interval(Min(negative_slope, 1), Max(negative_slope, 1))},
    special_values={0: 0, -oo: -oo, oo: oo},
    homogeneous=(x,),
    monotone="increasing",
    identities={
        # max(ax, x) is the leaky unit only where a <= 1; beyond, it is the smaller one
        "maximum (slope <= 1)": Eq(leaky_relu_(x, Rational(1, 4)), Max(Rational(1, 4) * x, x)),
        "two ReLUs": Eq(leaky_relu_(x, negative_slope), relu_(x) - negative_slope * relu_(-x)),
    },
    references=(
        Reference(
            authors=("Maas, Andrew L.", "Hannun, Awni Y.", "Ng, Andrew Y."),
            title="Rectifier nonlinearities improve neural network acoustic models",
            year=2013,
            kind="inproceedings",
            where="ICML Workshop on Deep Learning for Audio, Speech, and Language Processing",
            url="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        ),
    ),
)

prelu = Function(
    name="prelu",
    title="Parametric rectified linear unit",
    variables=(x, Variable(weight, domain=Reals, per_channel=True)),
    expression=Piecewise((x, x > 0), (weight * x, True)),
    kinks={0: Interval(Min(weight, 1), Max(weight, 1))},
    homogeneous=(x,),
    identities={"leaky": Eq(prelu_(x, weight), leaky_relu_(x, weight))},
    references=(
        Reference(
            authors=("He, Kaiming", "Zhang, Xiangyu", "Ren, Shaoqing", "Sun, Jian"),
            title="Delving deep into rectifiers: Surpassing human-level performance on ImageNet "
            "classification",
            year=2015,
            kind="inproceedings",
            where="IEEE International Conference on Computer Vision",
            pages="1026-1034",
            doi="10.1109/ICCV.2015.123",
            arxiv="1502.01852",
            place="section 2.1",
        ),
    ),
)
