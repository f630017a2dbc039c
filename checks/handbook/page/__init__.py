"""The page of one function: everything the book says of it, a file for each part.

`page` puts the parts together in the book's order; a part is a function of the Function that gives
its sections, none where there is nothing to say.
"""

from .parts import page

__all__ = ["page"]
