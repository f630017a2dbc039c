"""What is true? Definitions of functions, what follows from them, identities, LaTeX.

`Function` is the one type; `find` gives a definition of the book by name, `catalogue` all of them.
A definition of your own needs `Function`, `Variable`, `Parameter` and SymPy, nothing else.
"""

from .catalogue import catalogue, find
from .errors import SpecError
from .function import Function, Parameter, Variable, applied
from .identity import Proof, prove, prove_equation
from .references import Reference
from .special import xdivy, xlogy
from .verify import problems, verified

__all__ = [
    "Function",
    "Parameter",
    "Proof",
    "Reference",
    "SpecError",
    "Variable",
    "applied",
    "catalogue",
    "find",
    "problems",
    "prove",
    "prove_equation",
    "verified",
    "xdivy",
    "xlogy",
]
