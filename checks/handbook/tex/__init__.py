"""The book as LaTeX, and its formulas for other people's.

`volume` puts the files together, `blocks`, `tables` and `text` write what they hold; `formula`
takes LaTeX apart, `width` measures it, `breaking` puts it on lines; `snippets` are for others.
"""

from .volume import files

__all__ = ["files"]
