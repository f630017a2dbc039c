"""The C library's float32 functions as a target: `ulpian sweep tests.libm:tanh`.

A loop in C calls them, compiled when this is imported: there must be a C compiler. Published worst
errors of theirs over all inputs: B. Gladman, V. Innocente, J. Mather, P. Zimmermann, Accuracy of
Mathematical Functions in Single, Double, Extended Double and Quadruple Precision (2023), table 1.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = ("tanh", "erf", "expm1", "log1p")
PUBLISHED = {"tanh": 2.19, "erf": 0.968, "expm1": 0.813, "log1p": 1.29}  # glibc 2.36, in ulps
COMPILER = shutil.which("cc") or shutil.which("gcc")
Array = NDArray[np.float32]


def version() -> str:
    """The C library's name and version: "glibc 2.36"."""
    return os.confstr("CS_GNU_LIBC_VERSION") or ""


@cache
def _library() -> ctypes.CDLL:
    loops = "\n".join(
        f"void each_{n}(const float *x, float *y, long n)"
        f" {{ for (long i = 0; i < n; i++) y[i] = {n}f(x[i]); }}"
        for n in NAMES
    )
    folder = Path(tempfile.mkdtemp(prefix="ulpian-libm-"))
    source, made = folder / "libm.c", folder / "libm.so"
    source.write_text(f"#include <math.h>\n{loops}\n")
    flags = ["-O2", "-fno-builtin", "-shared", "-fPIC", "-o", str(made), str(source), "-lm"]
    subprocess.run([str(COMPILER), *flags], check=True)
    found = ctypes.CDLL(str(made))
    shutil.rmtree(folder)
    return found


def _each(name: str, x: Array) -> Array:
    given, found = np.ascontiguousarray(x), np.empty_like(x)
    if x.dtype != np.float32:
        raise TypeError(f"{name}f takes float32, not {x.dtype}")
    pointer = ctypes.c_void_p
    getattr(_library(), f"each_{name}")(
        pointer(given.ctypes.data), pointer(found.ctypes.data), ctypes.c_long(x.size)
    )
    return found


def tanh(x: Array) -> Array:
    """tanhf of each entry."""
    return _each("tanh", x)


def erf(x: Array) -> Array:
    """erff of each entry."""
    return _each("erf", x)


def expm1(x: Array) -> Array:
    """expm1f of each entry."""
    return _each("expm1", x)


def log1p(x: Array) -> Array:
    """log1pf of each entry."""
    return _each("log1p", x)
