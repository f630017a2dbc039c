"""`ulpian doctor`: the environment, for bug reports."""

from __future__ import annotations

import click

from ..console import put


@click.command("doctor")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(output_format: str) -> None:
    """The environment, for bug reports: versions, platform, CPU, threads, cache, terminal."""
    from ..book.doctor import as_json, as_text, health

    put((as_json if output_format == "json" else as_text)(health()))
