"""Needs a library that is nowhere."""

import no_such_library  # type: ignore[import-not-found]  # noqa: F401
