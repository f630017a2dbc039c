"""Ends its process when it is imported anywhere but in the main one."""

import multiprocessing
import os
from typing import Any

if multiprocessing.parent_process() is not None:
    os._exit(7)


def relu(x: Any) -> Any:
    return x
