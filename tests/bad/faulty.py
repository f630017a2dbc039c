"""Functions that claim to be relu and do harm to the process, the machine or the report.

Those that cannot go on do it where an input is 6.0, so that the guilty input can be told.
"""

import contextlib
import ctypes
import locale
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any
ARRAYS = "numpy"
GUILTY = 6.0
HELD: list[Any] = []


def relu_is(harm: Callable[[], object], *, always: bool = False) -> Callable[[Array], Array]:
    """A relu that does something before it answers, for the guilty input or for each."""

    def forward(x: Array) -> Array:
        if always or np.any(x == GUILTY):
            harm()
        return np.maximum(x, 0)

    forward.__ulpian__ = "relu"  # type: ignore[attr-defined]
    return forward


# ---------------------------------------------------------------- that end the process


def _deep() -> None:
    sys.setrecursionlimit(10**9)

    def deeper(n: int) -> int:
        return sorted([n], key=deeper)[0] + 1

    deeper(0)


segfaults = relu_is(lambda: ctypes.string_at(0))
aborts = relu_is(os.abort)
exits = relu_is(lambda: os._exit(0))
is_killed = relu_is(lambda: os.kill(os.getpid(), signal.SIGKILL))
is_terminated = relu_is(lambda: os.kill(os.getpid(), signal.SIGTERM))
overflows_the_stack = relu_is(_deep)


# ---------------------------------------------------------------- that never return


def _loop() -> None:
    while True:
        pass


def _swallow() -> None:
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.1)


loops = relu_is(_loop)
swallows_everything = relu_is(_swallow)
hangs_in_native_code = relu_is(lambda: sum(range(10**13)))


# ---------------------------------------------------------------- that take everything


def _take_memory() -> None:
    while True:
        HELD.append(np.ones(1 << 26))


def _write_on() -> None:
    while True:
        os.write(1, b"on and on " * 100_000)


takes_all_memory = relu_is(_take_memory)
writes_without_end = relu_is(_write_on)


# ---------------------------------------------------------------- that raise


class _MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class _NoArray:
    def __array__(self, *_: Any, **__: Any) -> Array:
        raise ValueError("not an array after all")


class _Unreadable(np.ndarray):
    def __array_finalize__(self, _: Any) -> None:
        if HELD == ["unreadable"]:
            raise ValueError("cannot be read")


def _raise(error: BaseException) -> None:
    raise error


leaves = relu_is(lambda: sys.exit(3))
raises_keyboard_interrupt = relu_is(lambda: _raise(KeyboardInterrupt()))
raises_generator_exit = relu_is(lambda: _raise(GeneratorExit()))
raises_a_huge_message = relu_is(lambda: _raise(ValueError("x" * 10**7)))
raises_without_words = relu_is(lambda: _raise(_MuteError()))
wants_too_much = relu_is(lambda: np.ones(1 << 60))


def recurses(x: Array) -> Array:
    return recurses(x)


def returns_no_array(x: Array) -> Array:
    return _NoArray()


def returns_something_unreadable(x: Array) -> Array:
    y = np.maximum(x, 0).view(_Unreadable)
    HELD[:] = ["unreadable"]
    return y


for _function in (recurses, returns_no_array, returns_something_unreadable):
    _function.__ulpian__ = "relu"  # type: ignore[attr-defined]


# ---------------------------------------------------------------- that write


def _puts() -> None:
    ctypes.CDLL(None).puts(b"from C")


prints = relu_is(lambda: print("hello"), always=True)
prints_past_python = relu_is(lambda: os.write(1, b"past Python\n"), always=True)
puts = relu_is(_puts, always=True)
echoes = relu_is(lambda: subprocess.run(["echo", "from a subprocess"], check=True))
closes_stdout = relu_is(lambda: os.close(1))
complains = relu_is(lambda: os.write(2, b"a warning\n"), always=True)


# ---------------------------------------------------------------- that change what is not theirs


def _number_the_calls() -> None:
    os.environ["CALLS"] = str(int(os.environ.get("CALLS", "0")) + 1)


def _empty_the_temporary_folder() -> None:
    folder = tempfile.gettempdir()
    if os.path.exists(os.path.join(folder, "may be deleted")):  # never somebody's own
        shutil.rmtree(folder)


seeds_numpy = relu_is(lambda: np.random.seed(0), always=True)
draws_from_numpy = relu_is(np.random.rand, always=True)
seeds_python = relu_is(lambda: random.seed(0), always=True)
sets_the_error_state = relu_is(lambda: np.seterr(all="raise"), always=True)
filters_warnings = relu_is(lambda: warnings.simplefilter("error"), always=True)
sets_the_environment = relu_is(_number_the_calls, always=True)
changes_the_folder = relu_is(lambda: os.chdir("/"), always=True)
changes_the_locale = relu_is(lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"), always=True)
takes_the_signals = relu_is(lambda: signal.signal(signal.SIGTERM, lambda *_: None), always=True)
allows_deep_recursion = relu_is(lambda: sys.setrecursionlimit(5000), always=True)
leaves_threads = relu_is(
    lambda: threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
)
deletes_the_temporary_folder = relu_is(_empty_the_temporary_folder)


# ---------------------------------------------------------------- that do nothing wrong

harmless = relu_is(lambda: None)
