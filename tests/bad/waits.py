"""A relu that waits for an hour in a way that no signal ends, beside code that is well behaved."""

import contextlib
import os
import time
from pathlib import Path
from typing import Any

ARRAYS = "numpy"


def relu(x: Any) -> Any:
    Path(os.environ.get("ULPIAN_TEST_MARK", os.devnull)).touch()
    end = time.monotonic() + 3600
    while time.monotonic() < end:
        with contextlib.suppress(BaseException):
            time.sleep(1)


def identity(x: Any) -> Any:
    return x.copy()
