"""`ulpian list`: what there is."""

from __future__ import annotations

import click

from ..console import Refused, put

LISTS = (
    "functions",
    "properties",
    "backends",
    "formats",
    "profiles",
    "identities",
    "gaps",
    "differences",
    "claims",
    "rules",
    "seeds",
)


@click.command("list")
@click.argument(
    "what",
    type=click.Choice(LISTS),
    metavar=f"[{'|'.join(LISTS)}]",
    default="functions",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
def command(what: str, output_format: str) -> None:
    """What there is: functions (the default), properties, backends, formats, profiles; identities
    with their proofs, and gaps: what neither SymPy could derive or prove nor Arb certify, with the
    reason; the articles' claims, the rules they teach, and a table of where it all lives (seeds).

    Differences are what frameworks do otherwise than the book, each with a call that shows it.
    """
    if what == "seeds" and output_format == "json":
        raise Refused("the table of seeds is Markdown, not JSON: leave --output-format out")
    from ..book.inventory import written

    put(written(what, output_format))
