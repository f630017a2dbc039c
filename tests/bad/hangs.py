"""Code that cannot be interrupted, beside code that is well behaved."""

import contextlib
import time
from typing import Any

Array = Any
ARRAYS = "numpy"


def identity(x: Array) -> Array:
    return x + 0


def relu(x: Array) -> Array:
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(1)


def sigmoid(x: Array) -> Array:
    return x * sum(range(10**13))  # hours in native code, which looks at no signal
