"""Gated linear units: the first half of a row times an activation of the second half."""

from sympy import Eq, Max, erf, exp, sqrt

from ..function import Function, applied
from ..symbols import i, n, z

a, gate = z[i], z[i + n / 2]
glu_, reglu_, geglu_, swiglu_, bilinear_ = map(
    applied, ("glu", "reglu", "geglu", "swiglu", "bilinear")
)
sigmoid_, relu_, step_, gelu_, ndtr_, silu_, identity_ = map(
    applied, ("sigmoid", "relu", "step", "gelu", "ndtr", "silu", "identity")
)
HALVES = n / 2
SHAZEER = "Shazeer 2020, arXiv:2002.05202, section 2"

glu = Function(
    name="glu",
    title="Gated linear unit",
    variables=(z,),
    expression=a / (1 + exp(-gate)),
    outputs=HALVES,
    identities={"gate": Eq(glu_(z[i]), a * sigmoid_(gate))},
    references=("Dauphin et al. 2017, arXiv:1612.08083, section 2",),
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
    references=(SHAZEER,),
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
    references=(SHAZEER,),
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
    references=(SHAZEER,),
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
    references=(SHAZEER,),
)
