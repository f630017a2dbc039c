"""One range of floats: a unit of work, known by its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

SIZE = 1 << 27  # floats of a shard: one to a few seconds of work


@dataclass(frozen=True)
class Shard:
    """What one worker judges in one go; plain data that travels between processes.

    target    what `targets.target.resolve` takes as text: "torch", "pkg.module:callable"
    function  the name in the target of what is called
    as_       the definition that it is judged by, where the target does not say
    quantity  "value", "gradient", "second"
    fmt       the format's name
    setting   parameters, exactly; `fixed` the other variables; `free` the one swept over
    passed    the names of parameters that are passed to the code (others are its defaults)
    first     bits of the first float, sign included; `count` floats from there
    device    where the library is to compute; "" for its own choice
    """

    target: str
    function: str
    quantity: str = "value"
    fmt: str = "float32"
    as_: str = ""
    setting: Mapping[str, Fraction] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    fixed: Mapping[str, Fraction] = field(default_factory=dict)
    free: str = ""
    first: int = 0
    count: int = 0
    device: str = ""
