"""Where an implementation is tried.

`points` are those of a function in a format, `amounts` how many of them, `sizes` how long arrays
are. A `case` is an implementation in a format, with the truth about it; `draw` and `smooth` give
the points of one.
"""
