"""What code says of itself: an attribute binds it to a definition, without importing Ulpian.

    def fast_gelu(x): ...

    fast_gelu.__ulpian__ = "gelu"
    fast_gelu.__ulpian_vjp__ = fast_gelu_backward  # where no autograd gives the gradient

The attribute may stand on a function, on an object that can be called, or in the body of a class:
a class is made without arguments, and of a `torch.autograd.Function` its `apply` is taken.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...spec.function import Function
from ..usage import UsageError

CLAIM, GRADIENT = "__ulpian__", "__ulpian_vjp__"


@dataclass(frozen=True)
class Bound:
    """A callable under its own name, the definition that it claims, and its gradient if named."""

    name: str
    forward: Callable[..., Any]
    claim: str | Function
    vjp: Callable[..., Any] | None


def bound(item: Any, name: str) -> Bound | None:
    """What an object claims to be; None where it claims nothing.

    Raises `UsageError` for a claim that is not a name, and for a class that cannot be made.
    """
    said = claim(item, name)
    if said is None:
        return None
    vjp = _attribute(_holder(item), GRADIENT)
    if vjp is not None and not callable(vjp):
        raise UsageError(
            f"{name}.{GRADIENT} is of type {type(vjp).__name__}, which cannot be called: give the "
            "function that computes the gradient"
        )
    return Bound(name, made(item, name), said, vjp)


def claim(item: Any, name: str) -> str | Function | None:
    """The definition that an object is bound to; `UsageError` where that is not a name."""
    holder = _holder(item)
    found = None if holder is None else _attribute(holder, CLAIM)
    if found is not None and not isinstance(found, str | Function):
        raise UsageError(
            f"{name}.{CLAIM} is of type {type(found).__name__}: give a function's name, for "
            f"example {name}.{CLAIM} = 'gelu'"
        )
    return found


def all_bound(names: Mapping[str, Any]) -> Iterator[Bound]:
    """Each callable among the names that claims to be something, once.

    Of several names for one callable that of an object counts before that of its class, and the
    name that it claims before others.
    """
    found: list[Bound] = []
    for name, item in sorted(names.items(), key=lambda pair: isinstance(pair[1], type)):
        if claim(item, name) is None or _has_object(item, found):
            continue
        one = bound(item, name)
        same = [other for other in found if one is not None and other.forward == one.forward]
        if one is None or (same and one.name != one.claim):
            continue
        found = [other for other in found if other not in same] + [one]
    yield from found


def _has_object(item: Any, found: list[Bound]) -> bool:
    """Whether it is a class of which an object was found: then none need be made."""
    return isinstance(item, type) and any(isinstance(one.forward, item) for one in found)


def made(item: Any, name: str) -> Any:
    """What is called: of a class an object made without arguments, or its `apply`."""
    if not isinstance(item, type):
        return item
    if is_rule(item):
        return item.apply  # type: ignore[attr-defined]
    try:
        return item()
    except Exception as error:
        raise UsageError(
            f"{name} is a class that cannot be made without arguments ({type(error).__name__}: "
            f"{error}): name an object of it, {name.lower()} = {name}(...)"
        ) from error


def is_rule(item: Any) -> bool:
    """Whether a class is a `torch.autograd.Function`, or one like it."""
    return isinstance(item, type) and all(
        hasattr(item, n) for n in ("forward", "backward", "apply")
    )


def is_apply(item: Any) -> bool:
    """Whether it is how such a rule is called."""
    return inspect.ismethod(item) and item.__name__ == "apply" and is_rule(item.__self__)


def _holder(item: Any) -> Any:
    """What may carry the attribute: the object, or the class whose `apply` it is."""
    if not callable(item):
        return None
    return item.__self__ if is_apply(item) else item


def _attribute(holder: Any, name: str) -> Any:
    """An attribute that was written there; None from objects that answer to every name."""
    try:
        found = getattr(holder, name, None)
        told = isinstance(found, str | Function) or inspect.getattr_static(holder, name, None)
    except Exception:  # a lazy module's own __getattr__
        return None
    return found if told is not None else None
