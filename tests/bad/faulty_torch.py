"""Functions that claim to be relu and change PyTorch's settings for everybody."""

from collections.abc import Callable
from typing import Any

import torch

ARRAYS = "torch"


def relu_is(harm: Callable[[], object]) -> Callable[[Any], Any]:
    """A relu that does something before it answers."""

    def forward(x: Any) -> Any:
        harm()
        return torch.relu(x)

    forward.__ulpian__ = "relu"  # type: ignore[attr-defined]
    return forward


sets_the_default_dtype = relu_is(lambda: torch.set_default_dtype(torch.float64))
stops_recording = relu_is(lambda: torch.set_grad_enabled(False))
sets_the_threads = relu_is(lambda: torch.set_num_threads(torch.get_num_threads() + 1))
seeds_torch = relu_is(lambda: torch.manual_seed(0))
flushes_subnormals = relu_is(lambda: torch.set_flush_denormal(True))
insists_on_determinism = relu_is(lambda: torch.use_deterministic_algorithms(True))
harmless = relu_is(lambda: None)
