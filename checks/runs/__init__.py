"""A plan for a target, gone through in this process or in others.

`plan` is what is asked, and `profiles` say how much is tried. A `trial` is one property of one
case, `steps` are all those of a function, and a `run` all those of a target; `isolation` has them
made in processes that may be lost.
"""
