"""The two sides of the Wasserstein game: single terms, whose means are compared."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._pointwise import count
from ._reduction import reduced, spread
from ._sums import summed_to


@rounded_once
def wasserstein_critic(real: Array, fake: Array, *, reduction: str = "mean") -> Array:
    """fake - real."""
    return reduced(lambda scale: scale * fake - scale * real, reduction)


@rounded_once
def wasserstein_critic_vjp(
    real: Array, fake: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-1 and 1, whatever the scores are."""
    each = spread(cotangent, count(real, fake), reduction) + np.zeros(
        np.broadcast_shapes(real.shape, fake.shape), real.dtype
    )
    return summed_to(-each, real.shape), summed_to(each, fake.shape)


@rounded_once
def wasserstein_generator(fake: Array, *, reduction: str = "mean") -> Array:
    """-fake."""
    return reduced(lambda scale: scale * -fake, reduction)


@rounded_once
def wasserstein_generator_vjp(
    fake: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-1, whatever the score is."""
    return (-spread(cotangent, fake.size, reduction) + np.zeros_like(fake),)
