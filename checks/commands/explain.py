"""`ulpian explain`: what a property means, and what to do."""

from __future__ import annotations

import click

from ..console import put, refusing


@click.command("explain")
@click.argument("name", metavar="PROPERTY")
def command(name: str) -> None:
    """What a property means, why it matters, its usual cause, and the usual fix."""
    from ..reports.explanation import explanation, sought

    with refusing(LookupError):
        found = sought(name)
    put(explanation(found))
