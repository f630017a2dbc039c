"""The ledger of claims: what the five articles say, each with a verdict that is recomputed.

`claims` are all of them, theme by theme; `seeds_table` shows where each line of the articles went.
"""

from __future__ import annotations

from ..decide import Fact, On, decide
from ..special import entry
from . import (
    cross_entropy,
    networks,
    other_losses,
    regression,
    relu_family,
    sigmoid_and_tanh,
    smooth_units,
    snippets,
    softmax,
)
from .articles import Article, Silent, articles, silent
from .claim import (
    DEPENDS,
    NOT_MATHEMATICAL,
    PROVED,
    REFUTED,
    VERDICTS,
    Claim,
    Lines,
    functions_of,
    judged,
    missing,
)
from .table import seeds_table

claims: tuple[Claim, ...] = (
    *sigmoid_and_tanh.claims,
    *relu_family.claims,
    *smooth_units.claims,
    *networks.claims,
    *softmax.claims,
    *cross_entropy.claims,
    *regression.claims,
    *other_losses.claims,
    *snippets.claims,
)

__all__ = [
    "DEPENDS",
    "NOT_MATHEMATICAL",
    "PROVED",
    "REFUTED",
    "VERDICTS",
    "Article",
    "Claim",
    "Fact",
    "Lines",
    "On",
    "Silent",
    "articles",
    "claims",
    "decide",
    "entry",
    "functions_of",
    "judged",
    "missing",
    "seeds_table",
    "silent",
]
