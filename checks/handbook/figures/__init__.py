"""The pictures of the book: every point a truth of the oracle, or a recorded measurement.

`function` gives those of one function, `family` one of functions side by side, `measured` those of
a function's recorded errors, which `errors` makes of any.
"""

from .errors import Measured, errors, notable
from .families import FAMILIES, Family, Member, family
from .functions import function
from .measured import measured
from .swept import at_defaults

__all__ = [
    "FAMILIES",
    "Family",
    "Measured",
    "Member",
    "at_defaults",
    "errors",
    "family",
    "function",
    "measured",
    "notable",
]
