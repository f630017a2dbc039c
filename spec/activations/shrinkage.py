from sympy import Eq, FiniteSet, Interval, Piecewise, Rational, Symbol, oo, tanh

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x
from ..works import ONNX, PYTORCH

lambd = Symbol("lambd", positive=True)
bias = Symbol("bias", real=True)
hardshrink_, softshrink_, shrink_, relu_, hard_tanh_, tanhshrink_, tanh_, step_ = map(
    applied,
    ("hardshrink", "softshrink", "shrink", "relu", "hard_tanh", "tanhshrink", "tanh", "step"),
)
reach = Parameter(
    lambd,
    default=Rational(1, 2),
    domain=Interval(0, oo),
    samples=(Rational(1, 4), Rational("0.7"), Rational(3)),
)
# the value jumps by as much as lambd moves the jump: there is no gradient in lambd
fixed_reach = Parameter(lambd, reach.default, reach.domain, reach.samples, differentiable=False)

softshrink = Function(
    name="softshrink",
    title="Soft shrinkage",
    variables=(x,),
    parameters=(reach,),
    expression=Piecewise((x - lambd, x > lambd), (x + lambd, x < -lambd), (0, True)),
    kinks={-lambd: Interval(0, 1), lambd: Interval(0, 1)},
    special_values={0: 0, -oo: -oo, oo: oo},
    parity="odd",
    monotone="increasing",
    identities={
        "two ReLUs": Eq(softshrink_(x, lambd), relu_(x - lambd) - relu_(-x - lambd)),
        "complement": Eq(softshrink_(x, lambd), x - hard_tanh_(x, -lambd, lambd)),
    },
    aliases=("soft_shrink",),
    references=(
        Reference(
            authors=("Donoho, David L.",),
            title="De-noising by soft-thresholding",
            year=1995,
            kind="article",
            where="IEEE Transactions on Information Theory",
            volume="41",
            number="3",
            pages="613-627",
            doi="10.1109/18.382009",
        ),
    ),
)

hardshrink = Function(
    name="hardshrink",
    title="Hard shrinkage",
    variables=(x,),
    parameters=(fixed_reach,),
    expression=Piecewise((x, x > lambd), (x, x < -lambd), (0, True)),
    jumps={-lambd: FiniteSet(-lambd, 0), lambd: FiniteSet(0, lambd)},
    special_values={0: 0, -oo: -oo, oo: oo},
    parity="odd",
    monotone="increasing",
    identities={
        "no bias": Eq(hardshrink_(x, lambd), shrink_(x, lambd, 0)),
        "idempotent": Eq(hardshrink_(hardshrink_(x)), hardshrink_(x)),
        "two steps": Eq(hardshrink_(x, lambd), x * (step_(x - lambd) + step_(-x - lambd))),
        "soft and hard": Eq(
            hardshrink_(x, lambd) - softshrink_(x, lambd),
            lambd * (step_(x - lambd) - step_(-x - lambd)),
        ),
    },
    aliases=("hard_shrink",),
    references=(
        Reference(
            authors=("Donoho, David L.", "Johnstone, Iain M."),
            title="Ideal spatial adaptation by wavelet shrinkage",
            year=1994,
            kind="article",
            where="Biometrika",
            volume="81",
            number="3",
            pages="425-455",
            doi="10.1093/biomet/81.3.425",
        ),
    ),
)

shrink = Function(
    name="shrink",
    title="Shrinkage with a threshold and a bias",
    variables=(x,),
    parameters=(
        fixed_reach,
        Parameter(bias, default=Rational(0), samples=(Rational(1, 2), Rational("-0.3"))),
    ),
    expression=Piecewise((x - bias, x > lambd), (x + bias, x < -lambd), (0, True)),
    jumps={-lambd: FiniteSet(bias - lambd, 0), lambd: FiniteSet(0, lambd - bias)},
    special_values={0: 0, -oo: -oo, oo: oo},
    parity="odd",
    identities={
        "soft": Eq(shrink_(x, lambd, lambd), softshrink_(x, lambd)),
        "hard": Eq(shrink_(x, lambd), hardshrink_(x, lambd)),
    },
    references=(ONNX.at("Shrink, version 9"),),
)

tanhshrink = Function(
    name="tanhshrink",
    title="Hyperbolic tangent shrinkage",
    variables=(x,),
    expression=x - tanh(x),
    special_values={0: 0, -oo: -oo, oo: oo},
    parity="odd",
    monotone="increasing",
    identities={
        "complement": Eq(tanhshrink_(x), x - tanh_(x)),
        "doubled argument": Eq(tanhshrink_(2 * x), 2 * x - 2 * tanh_(x) / (1 + tanh_(x) ** 2)),
    },
    aliases=("tanh_shrink",),
    references=(PYTORCH.at("torch.nn.Tanhshrink"),),
)
