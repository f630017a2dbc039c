"""Other people's documentation: formulas with a marker, and formulas that docstrings print.

A formula beside a marker is written anew from the definition. A formula in a docstring that Python
can read is compared with the definition by the oracle. LaTeX is never read as truth.
"""
