"""Stable NumPy implementations of every Function: the backend named ``reference``.

Plain functions to read and to copy. Each computes in the format of its input (16 bits
and 8 in float32, rounded once), and each is meant to be accurate for every finite input.
What a module offers are its functions that have a ``_vjp``, and these.
"""

# ruff: noqa: F403 - each module's functions are the public ones

from __future__ import annotations

from .activations import *
from .adversarial import *
from .blocks import *
from .categorical import *
from .ctc import *
from .distance import *
from .divergence import *
from .embedding import *
from .focal_rows import *
from .focusing import *
from .gates import *
from .hard import *
from .likelihood import *
from .losses import *
from .margin import *
from .margin_rows import *
from .overlap import *
from .regression import *
from .rows import *
from .shrinkage import *
from .smooth import *
from .sparse import *

__all__ = sorted(
    offered
    for name in list(globals())
    if f"{name}_vjp" in globals()
    for offered in (name, f"{name}_vjp")
)
