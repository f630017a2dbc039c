"""What a `Plot` looks like: SVG for light and dark pages, PDF for paper.

`draw` puts it together with matplotlib, which is imported here and nowhere else; `labels` places
names, `palette` has the colours and dashes, `vector` makes the SVG follow its reader's scheme.
"""

from .picture import Drawn, draw

__all__ = ["Drawn", "draw"]
