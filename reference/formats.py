"""Floating-point formats: their constants, every float of them, and rounding to them.

A format is described by three integers (IEEE 754-2019, section 3.3) and by whether it has
infinities; everything else follows. Values of every format here are exact in float64, so arrays of
them are carried as float64. There an infinity also stands for what lies beyond a format that has
none: its own dtype says NaN.

The two formats of 8 bits are those of the OCP 8-bit Floating Point Specification (OFP8), revision
1.0 (Micikevicius et al. 2022, arXiv:2209.05433). They are made for storage: nothing says how to
compute in them, and what overflows may become an infinity (NaN where there is none) or, where a
conversion saturates, the largest float.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    `precision` counts the significand bits with the hidden one, `emax` and `emin` are the largest
    and smallest exponents of normal numbers written 1.f times 2**e, `bits` is the storage width.
    Without infinities the largest exponent has numbers, too, but for its last one, which is NaN.
    """

    name: str
    bits: int
    precision: int
    emax: int
    infinities: bool = True

    @property
    def emin(self) -> int:
        return 1 - self.emax if self.infinities else 2 - self.emax

    @property
    def unit_roundoff(self) -> float:
        """u = 2**-precision: the largest relative error of one rounding to nearest."""
        return 2.0**-self.precision

    @property
    def largest_significand(self) -> int:
        """The largest float, counted in its ulps."""
        return (1 << self.precision) - (1 if self.infinities else 2)

    @property
    def largest_ulp_exponent(self) -> int:
        """log2 of the ulp at the largest float, which is also the largest ulp."""
        return self.emax - self.precision + 1

    @cached_property
    def largest(self) -> float:
        return float(self.largest_significand * Fraction(2) ** self.largest_ulp_exponent)

    @property
    def saturates(self) -> bool:
        """Whether its largest float is as right an answer as any for what lies beyond it."""
        return self.bits == 8

    @property
    def tiny_results_count(self) -> bool:
        """Whether its range is so short that work is done in its subnormal numbers, too.

        No library flushes them.
        """
        return self.emax < 127

    @property
    def working_precision(self) -> int:
        """Bits of the significand that is computed in: its own, and those of bfloat16 at least.

        A format of 8 bits is what a result is stored in, rounded once.
        """
        return max(self.precision, 8)

    @property
    def working_roundoff(self) -> float:
        """u of what is computed in."""
        return 2.0**-self.working_precision

    @cached_property
    def smallest_normal(self) -> float:
        return float(Fraction(2) ** self.emin)

    @cached_property
    def smallest_subnormal(self) -> float:
        return float(Fraction(2) ** self.subnormal_exponent)

    @property
    def subnormal_exponent(self) -> int:
        """log2 of the smallest subnormal, which is also the smallest ulp."""
        return self.emin - self.precision + 1

    @property
    def full_range_bits(self) -> int:
        """Bits that hold any sum of floats of the format exactly, with 64 guard bits.

        At this precision no cancellation between floats of the format can hurt.
        """
        return self.emax - self.subnormal_exponent + 1 + self.precision + 64

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        if self.native:
            return np.dtype(self.name)
        import ml_dtypes

        dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, self.name))
        return dtype

    @property
    def native(self) -> bool:
        """Whether NumPy has it by itself; the others' conversions round twice, by float32."""
        return hasattr(np, self.name)

    @cached_property
    def integer(self) -> np.dtype[Any]:
        """The unsigned integer dtype that carries the bits of one float."""
        return np.dtype(f"uint{self.bits}")

    def ulp_exponent(self, values: Floats) -> NDArray[np.int64]:
        """log2 of the ulp at each value: of its binade, and of the smallest subnormal at least."""
        _, exponents = np.frexp(values)
        raised = np.where(values == 0, self.subnormal_exponent, exponents - self.precision)
        return np.clip(raised.astype(np.int64), self.subnormal_exponent, self.largest_ulp_exponent)

    def round(self, values: Floats) -> Floats:
        """Round float64 values to the format, to nearest, ties to even, as float64 again.

        What lies half an ulp beyond the largest float or more is infinite, in every format.
        """
        values = np.asarray(values, dtype=np.float64)
        if self.precision == 53:
            return values
        with np.errstate(all="ignore"):
            if self.native:
                return values.astype(self.dtype).astype(np.float64)
            exponent = self.ulp_exponent(values)
            rounded = np.ldexp(np.rint(np.ldexp(values, -exponent)), exponent)
        overflown = np.abs(rounded) > self.largest
        return np.where(overflown, np.copysign(np.inf, values), rounded)

    def array(self, values: Floats) -> NDArray[Any]:
        """Values that are floats of the format, in its own dtype; NaN for infinities it lacks."""
        with np.errstate(all="ignore"):
            return np.asarray(values, dtype=np.float64).astype(self.dtype)

    def lacks(self, value: float) -> bool:
        """Whether a rounded number lies beyond the format, and no float of it says so."""
        return bool(np.isinf(value)) and not self.infinities

    def lacking(self, value: float) -> str:
        """The sentence that refuses such an input."""
        return (
            f"{value:g} lies beyond {self.name}, which has no infinities: "
            f"give a number from {-self.largest:g} to {self.largest:g}"
        )

    def all_values(self) -> Floats:
        """Every float of a format of at most 16 bits, NaN and infinities too, in bit order."""
        if self.bits > 16:
            raise ValueError(f"{self.name} has 2**{self.bits} floats: too many for one array")
        bits = np.arange(2**self.bits, dtype=self.integer)
        with np.errstate(all="ignore"):
            return bits.view(self.dtype).astype(np.float64)

    def bits_of(self, value: float) -> int:
        """The bits of one float of the format as an unsigned integer."""
        return int(self.array(np.array([value])).view(self.integer)[0])

    def floats(self, bits: Any) -> Floats:
        """The floats with these bits, sign included, in any shape."""
        with np.errstate(all="ignore"):
            found = np.asarray(bits).astype(self.integer).view(self.dtype).astype(np.float64)
        return found

    def of_bits(self, bits: int) -> float:
        """The float of the format with these bits; the payload of a NaN stays, made quiet."""
        with np.errstate(all="ignore"):
            found = np.array([bits], dtype=self.integer).view(self.dtype).astype(np.float64)
        return float(found[0])

    def step(self, values: Floats, ulps: int) -> Floats:
        """The floats `ulps` steps above (below for a negative count) each value."""
        raw = np.atleast_1d(self.array(values)).view(self.integer).astype(np.int64)
        top = np.int64(1) << np.int64(self.bits - 1) if self.bits < 64 else None
        if top is None:  # int64 wraps by itself: the sign bit is the sign
            ordered = np.where(raw < 0, np.iinfo(np.int64).min - raw, raw) + ulps
            raw = np.where(ordered < 0, np.iinfo(np.int64).min - ordered, ordered)
        else:
            ordered = np.where(raw >= top, top - raw, raw) + ulps
            raw = np.where(ordered < 0, top - ordered, ordered)
        with np.errstate(all="ignore"):  # a step beyond infinity is NaN
            stepped: Floats = raw.astype(self.integer).view(self.dtype).astype(np.float64)
        return stepped

    def __str__(self) -> str:
        return self.name


FORMATS = {
    f.name: f
    for f in (
        Format("float8_e4m3fn", bits=8, precision=4, emax=8, infinities=False),
        Format("float8_e5m2", bits=8, precision=3, emax=15),
        Format("float16", bits=16, precision=11, emax=15),
        Format("bfloat16", bits=16, precision=8, emax=127),
        Format("float32", bits=32, precision=24, emax=127),
        Format("float64", bits=64, precision=53, emax=1023),
    )
}

USUAL = ("float16", "bfloat16", "float32", "float64")
"""The formats that are judged, recorded and printed where none are named: those that the frameworks
compute in. Few of their functions take 8 bits."""
