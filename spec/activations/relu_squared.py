from sympy import Derivative, Eq, Interval, Max, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x

relu_squared_, relu_ = applied("relu_squared"), applied("relu")

relu_squared = Function(
    name="relu_squared",
    title="Squared rectified linear unit",
    variables=(x,),
    expression=Max(0, x) ** 2,
    special_values={0: 0, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    homogeneous=(x,),
    identities={
        "square": Eq(relu_squared_(x), relu_(x) ** 2),
        "slope": Eq(Derivative(relu_squared_(x), x), 2 * relu_(x)),
        "even part": Eq(relu_squared_(x) + relu_squared_(-x), x**2),
    },
    aliases=("squared_relu",),
    references=(
        Reference(
            authors=(
                "So, David R.",
                "Mańke, Wojciech",
                "Liu, Hanxiao",
                "Dai, Zihang",
                "Shazeer, Noam",
                "Le, Quoc V.",
            ),
            title="Primer: Searching for efficient Transformers for language modeling",
            year=2021,
            kind="inproceedings",
            where="Advances in Neural Information Processing Systems",
            volume="34",
            arxiv="2109.08668",
            place="section 3",
        ),
    ),
)
