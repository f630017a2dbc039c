"""Seeds: the usual one, one of the user's, or one that nobody knew before the run."""

from __future__ import annotations

import os
from typing import Literal

import numpy as np

Seed = int | Literal["random"]

SEED = 20260101  # of every run that names no other
LARGEST = 2**48 - 1  # of those made here: exact in every reader of JSON, and short enough to type


class SeedError(ValueError):
    """What is no seed; the message is one sentence."""


def settled(seed: Seed | str) -> int:
    """A seed as a number. "random" is drawn from the system's entropy, where no code under test can
    have seen it; it is told after the verdict, so that the run can be made again.
    """
    if seed == "random":
        return int.from_bytes(os.urandom(6), "little")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SeedError(f"seed {seed!r} is neither a whole number from 0 on nor 'random'")
    return int(seed)


def derived(master: int, count: int) -> int:
    """The seed of one round of several: the same for the same master seed."""
    state = np.random.SeedSequence([master, count]).generate_state(1, np.uint64)
    return int(state[0]) & LARGEST
