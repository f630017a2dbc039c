"""A request that cannot be served."""

from __future__ import annotations


class UsageError(Exception):
    """A request that cannot be served; the message is one sentence with the way out."""
