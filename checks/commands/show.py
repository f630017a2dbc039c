"""`ulpian show`: all that the book says of a function."""

from __future__ import annotations

import click

from ..console import Refused, definition, listed, put, refusing


@click.command("show")
@click.argument("function", metavar="FUNCTION")
@click.option(
    "--output-format",
    type=click.Choice(["text", "latex", "json", "markdown", "bibtex"]),
    default="text",
    show_default=True,
)
@click.option("--second", is_flag=True, help="The second derivative, too.")
@click.option("--prove", is_flag=True, help="Say how each identity is known.")
@click.option(
    "--notation",
    "choices",
    metavar="NAME=VALUE",
    multiple=True,
    help="How LaTeX is written: sigmoid=sigma, normal=phi, log=ln, target=y.",
)
@click.option("--all", "everything", is_flag=True, help="In LaTeX: kinks, limits, identities, too.")
@click.option("--standalone", is_flag=True, help="In LaTeX: a whole document.")
def command(
    function: str,
    output_format: str,
    second: bool,
    prove: bool,
    choices: tuple[str, ...],
    everything: bool,
    standalone: bool,
) -> None:
    """All that the book says of a function: formula, gradient, kinks, limits, identities.

    LaTeX is a snippet to paste: the definition and its gradients.
    """
    in_latex = output_format == "latex"
    for option, given in (("--all", everything), ("--standalone", standalone)):
        if given and not in_latex:
            raise Refused(f"{option} is for LaTeX: add --output-format latex, or leave it out")
    if choices and output_format == "text":
        raise Refused("--notation is for LaTeX: add --output-format latex, markdown or json")
    found = definition(function)
    from ...spec.notation import notation

    with refusing(ValueError):
        chosen = notation(listed(choices))
    if in_latex:
        from ..handbook.tex import snippets

        body = snippets.snippet(found, second=second, everything=everything, notation=chosen)
        return put(snippets.standalone(body) if standalone else body)
    if output_format == "markdown":
        from ..handbook import markdown
        from ..handbook.edition import Edition
        from ..handbook.page import page as whole

        edition = Edition(second, pictures=False, notation=chosen)
        return put(markdown.page(whole(found, edition)).rstrip())
    from ..book.page import page

    put(page(found, output_format, second=second, prove=prove, notation=chosen))
