"""`ulpian show`: all that the book says of a function."""

from __future__ import annotations

import click

from ..console import definition, put


@click.command("show")
@click.argument("function", metavar="FUNCTION")
@click.option(
    "--output-format",
    type=click.Choice(["text", "latex", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option("--second", is_flag=True, help="The second derivative, too.")
@click.option("--prove", is_flag=True, help="Say how each identity is known.")
def command(function: str, output_format: str, second: bool, prove: bool) -> None:
    """All that the book says of a function: formula, gradient, kinks, limits, identities."""
    found = definition(function)
    from ..book.page import page

    put(page(found, output_format, second=second, prove=prove))
