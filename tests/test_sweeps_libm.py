"""The worst errors of the C library's functions are the published ones."""

from __future__ import annotations

import pytest

from tests import libm
from ulpian.checks.sweeps.judged import judged
from ulpian.checks.sweeps.shard import Shard
from ulpian.checks.sweeps.summary import merged
from ulpian.reference.formats import FORMATS

FLOAT32 = FORMATS["float32"]
# glibc 2.36: the input of the worst error over all inputs, as `ulpian sweep tests.libm` finds it
WORST = {"tanh": 0x3E6EE50C, "erf": 0x3F563109, "expm1": 0x3EB9C703, "log1p": 0x3ED413DA}

needs_glibc = pytest.mark.skipif(
    libm.COMPILER is None or libm.version() != "glibc 2.36",
    reason=f"needs a C compiler and glibc 2.36, whose errors are published; this is "
    f"{libm.version() or 'another C library'}",
)


@needs_glibc
@pytest.mark.parametrize("name", libm.NAMES)
def test_the_worst_error_of_the_c_library_is_the_published_one(name: str) -> None:
    binade = WORST[name] >> 23 << 23
    found = merged([judged(Shard("tests.libm", name, first=binade, count=1 << 23))])
    assert found.worst is not None
    assert found.worst.bits == WORST[name]
    assert found.worst.error == pytest.approx(libm.PUBLISHED[name], abs=0.01)
