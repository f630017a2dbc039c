from sympy import Eq, Interval, Max, Min, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x

HOWARD = Reference(
    authors=(
        "Howard, Andrew",
        "Sandler, Mark",
        "Chu, Grace",
        "Chen, Liang-Chieh",
        "Chen, Bo",
        "Tan, Mingxing",
        "Wang, Weijun",
        "Zhu, Yukun",
        "Pang, Ruoming",
        "Vasudevan, Vijay",
        "Le, Quoc V.",
        "Adam, Hartwig",
    ),
    title="Searching for MobileNetV3",
    year=2019,
    kind="inproceedings",
    where="IEEE/CVF International Conference on Computer Vision",
    pages="1314-1324",
    doi="10.1109/ICCV.2019.00140",
    arxiv="1905.02244",
)

min_val, max_val = Symbol("min_val", real=True), Symbol("max_val", real=True)
hard_sigmoid_, hard_swish_, hard_tanh_, relu_, relu6_ = map(
    applied, ("hard_sigmoid", "hard_swish", "hard_tanh", "relu", "relu6")
)

hard_sigmoid = Function(
    name="hard_sigmoid",
    title="Hard sigmoid",
    variables=(x,),
    expression=Piecewise((0, x <= -3), (1, x >= 3), ((x + 3) / 6, True)),
    kinks={-3: Interval(0, Rational(1, 6)), 3: Interval(0, Rational(1, 6))},
    special_values={0: Rational(1, 2), -oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={
        "clipped line": Eq(hard_sigmoid_(x), relu6_(x + 3) / 6),
        "complement": Eq(hard_sigmoid_(-x), 1 - hard_sigmoid_(x)),
    },
    aliases=("hardsigmoid",),
    references=(
        Reference(
            authors=("Courbariaux, Matthieu", "Bengio, Yoshua", "David, Jean-Pierre"),
            title="BinaryConnect: Training deep neural networks with binary weights during "
            "propagations",
            year=2015,
            kind="inproceedings",
            where="Advances in Neural Information Processing Systems",
            volume="28",
            arxiv="1511.00363",
            place="section 1.3 (another slope)",
        ),
        HOWARD.at("section 5.2"),
    ),
    notes="Keras 2 and ONNX clip 0.2 x + 0.5 instead.",
)

hard_tanh = Function(
    name="hard_tanh",
    title="Hard hyperbolic tangent",
    variables=(x,),
    parameters=(
        Parameter(min_val, default=Rational(-1), samples=(Rational(-2), Rational(0))),
        Parameter(max_val, default=Rational(1), samples=(Rational(1, 2), Rational(6))),
    ),
    expression=Piecewise((min_val, x < min_val), (max_val, x > max_val), (x, True)),
    kinks={min_val: Interval(0, 1), max_val: Interval(0, 1)},
    special_values={0: 0, -oo: -1, oo: 1},
    parity="odd",
    monotone="increasing",
    identities={
        "idempotent": Eq(hard_tanh_(hard_tanh_(x)), hard_tanh_(x)),
        "hard sigmoid": Eq(hard_tanh_(x), 2 * hard_sigmoid_(3 * x) - 1),
        "clip": Eq(hard_tanh_(x), Max(-1, Min(x, 1))),
    },
    aliases=("hardtanh",),
    references=(
        Reference(
            authors=("Collobert, Ronan",),
            title="Large scale machine learning",
            year=2004,
            kind="phdthesis",
            where="Université Paris VI",
            url="http://ronan.collobert.com/pub/2004_phdthesis_lip6.html",
            place="section 7.2.2",
        ),
    ),
    notes="min_val is to lie below max_val.",
)

hard_swish = Function(
    name="hard_swish",
    title="Hard swish",
    variables=(x,),
    expression=Piecewise((0, x <= -3), (x, x >= 3), (x * (x + 3) / 6, True)),
    kinks={-3: Interval(-Rational(1, 2), 0), 3: Interval(1, Rational(3, 2))},
    special_values={0: 0, -oo: 0, oo: oo},
    range=Interval(-Rational(3, 8), oo),
    identities={
        "gate": Eq(hard_swish_(x), x * hard_sigmoid_(x)),
        "odd part": Eq(hard_swish_(x) - hard_swish_(-x), x),
    },
    aliases=("hardswish", "hard_silu"),
    references=(HOWARD.at("section 5.2"),),
)

relu6 = Function(
    name="relu6",
    title="Rectified linear unit, capped at 6",
    variables=(x,),
    expression=Piecewise((0, x <= 0), (6, x >= 6), (x, True)),
    kinks={0: Interval(0, 1), 6: Interval(0, 1)},
    special_values={0: 0, -oo: 0, oo: 6},
    range=Interval(0, 6),
    monotone="increasing",
    identities={
        "clip": Eq(relu6_(x), hard_tanh_(x, 0, 6)),
        "two ReLUs": Eq(relu6_(x), relu_(x) - relu_(x - 6)),
    },
    references=(
        Reference(
            authors=("Krizhevsky, Alex",),
            title="Convolutional deep belief networks on CIFAR-10",
            year=2010,
            where="Unpublished manuscript",
            url="https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf",
            place="page 5",
        ),
    ),
)
