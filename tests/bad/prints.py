"""Prints when it is imported."""

from typing import Any

import numpy as np

print("loading the weights")


def relu(x: Any) -> Any:
    return np.maximum(x, 0)
