"""The ways to write a function as code, judged at ordinary inputs: why the textbook form fails.

`typed` computes the printed formula in a format, every operation rounded; `form` holds it beside
what tutorials type and the stable implementation; `ordinary` has the inputs, `worst` what comes of
them, `cause` why. All of it is worked out anew for every book.
"""

from .cause import Cause, cause
from .form import Form, forms
from .worst import Worst, worst

__all__ = ["Cause", "Form", "Worst", "cause", "forms", "worst"]
