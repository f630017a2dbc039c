"""The HTML writer: `site(book)` gives every file of the site by its name.

Static pages with MathML, that work from a folder without a server, a network or, but for search
and sorting, JavaScript.
"""

from .site import site

__all__ = ["site"]
