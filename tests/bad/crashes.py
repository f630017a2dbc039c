"""Ends its process as a crash of native code does."""

import os
import signal
from typing import Any


def relu(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSEGV)


def identity(x: Any) -> Any:
    return x
