"""Gated linear units: the first half of a row times an activation of the second half."""

from sympy import Eq, Max, erf, exp, sqrt

from ..function import Function, applied
from ..references import Reference
from ..symbols import i, n, z

SHAZEER = Reference(
    authors=("Shazeer, Noam",),
    title="GLU variants improve Transformer",
    year=2020,
    arxiv="2002.05202",
)

a, gate = z[i], z[i + n / 2]
glu_, reglu_, geglu_, swiglu_, bilinear_ = map(
    applied, ("glu", "reglu", "geglu", "swiglu", "bilinear")
)
sigmoid_, relu_, step_, gelu_, ndtr_, silu_, identity_ = map(
    applied, ("sigmoid", "relu", "step", "gelu", "ndtr", "silu", "identity")
)
HALVES = n / 2

glu = Function(
    name="glu",
    title="Gated linear unit",
    variables=(z,),
    expression=a / (1 + exp(-gate)),
    outputs=HALVES,
    identities={"gate": Eq(glu_(z[i]), a * sigmoid_(gate))},
    references=(
        Reference(
            authors=("Dauphin, Yann N.", "Fan, Angela", "Auli, Michael", "Grangier, David"),
            title="Language modeling with gated convolutional networks",
            year=2017,
            kind="inproceedings",
            where="International Conference on Machine Learning",
            volume="70",
            pages="933-941",
            arxiv="1612.08083",
            place="section 2",
        ),
    ),
)

reglu = Function(
    name="reglu",
    title="Gated linear unit with ReLU",
    variables=(z,),
    expression=a * Max(0, gate),
    outputs=HALVES,
    homogeneous=(z,),
    identities={
        "gate": Eq(reglu_(z[i]), a * relu_(gate)),
        "bilinear": Eq(reglu_(z[i]), bilinear_(z[i]) * step_(gate)),
    },
    references=(SHAZEER.at("section 2"),),
)

geglu = Function(
    name="geglu",
    title="Gated linear unit with GELU",
    variables=(z,),
    expression=a * gate * (1 + erf(gate / sqrt(2))) / 2,
    outputs=HALVES,
    identities={
        "gate": Eq(geglu_(z[i]), a * gelu_(gate)),
        "bilinear": Eq(geglu_(z[i]), bilinear_(z[i]) * ndtr_(gate)),
    },
    references=(SHAZEER.at("section 2"),),
)

swiglu = Function(
    name="swiglu",
    title="Gated linear unit with SiLU",
    variables=(z,),
    expression=a * gate / (1 + exp(-gate)),
    outputs=HALVES,
    identities={
        "gate": Eq(swiglu_(z[i]), a * silu_(gate)),
        "bilinear": Eq(swiglu_(z[i]), bilinear_(z[i]) * sigmoid_(gate)),
        "gated twice": Eq(swiglu_(z[i]), glu_(z[i]) * gate),
    },
    references=(SHAZEER.at("section 2"),),
)

bilinear = Function(
    name="bilinear",
    title="Bilinear gate",
    variables=(z,),
    expression=a * gate,
    outputs=HALVES,
    homogeneous=(z,),
    identities={
        "gate": Eq(bilinear_(z[i]), a * identity_(gate)),
        "scale": Eq(bilinear_(2 * z[i]), 4 * bilinear_(z[i])),
    },
    references=(SHAZEER.at("section 2"),),
)
