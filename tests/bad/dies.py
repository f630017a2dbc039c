"""Ends its process, without an exception and with the exit code of success."""

import os
from typing import Any


def relu(x: Any) -> Any:
    os._exit(0)


def identity(x: Any) -> Any:
    return x
