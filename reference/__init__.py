"""What is the number? Formats, the oracle, errors in ulps, levels, stable implementations."""

from .error import Answer, Truth, error_ulp, least_error
from .formats import FORMATS, USUAL, Format
from .level import Bounds, Level, bounds
from .oracle import truth
from .rows import truth_rows

__all__ = [
    "FORMATS",
    "USUAL",
    "Answer",
    "Bounds",
    "Format",
    "Level",
    "Truth",
    "bounds",
    "error_ulp",
    "least_error",
    "truth",
    "truth_rows",
]
