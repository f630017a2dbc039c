"""`ulpian handbook check`: formulas in other people's documentation."""

from __future__ import annotations

import click

from ..console import FINDINGS, NO_VERDICT, OK, Refused, complain, put, refusing


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option("--fix", is_flag=True, help="Write the formulas beside markers as they are due.")
@click.option(
    "--docstrings",
    "targets",
    metavar="TARGET",
    multiple=True,
    help="Compare what docstrings print: a package, module, module:object or file; repeatable.",
)
@click.option(
    "--as", "named", metavar="FUNCTION", default="", help="What the docstrings are about."
)
@click.option("--verbose", "-v", is_flag=True, help="Those that agree, too, and how it is known.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def check(
    paths: tuple[str, ...],
    fix: bool,
    targets: tuple[str, ...],
    named: str,
    verbose: bool,
    output_format: str,
) -> int:
    """Check the formulas of other people's documentation.

    Beside a marker (`.. ulpian: gelu`, `<!-- ulpian: gelu gradient -->`, `# ulpian: gelu`,
    `% ulpian: gelu`) the formula is written anew and the difference shown; --fix writes it.
    Formulas that docstrings print in Python's words are compared with the book by the oracle.

    Exit codes: 0 all agree, 1 some differ, 2 no verdict on some.
    """
    if not paths and not targets:
        raise Refused("nothing to check: name files or folders, or --docstrings PACKAGE")
    if fix and not paths:
        raise Refused("--fix writes formulas beside markers: name files or folders, too")
    if named and not targets:
        raise Refused("--as says what docstrings are about: add --docstrings PACKAGE")
    if verbose and not targets:
        raise Refused("--verbose is for docstrings: add --docstrings PACKAGE, or leave it out")
    if output_format == "json" and (paths or not targets):
        raise Refused("--output-format json is for docstrings alone: give --docstrings, no PATH")
    codes = []
    if paths:
        codes.append(_markers(paths, fix))
    if targets:
        codes.append(_docstrings(targets, named, verbose, output_format))
    return FINDINGS if FINDINGS in codes else max(codes)


def _markers(paths: tuple[str, ...], fix: bool) -> int:
    from ..files import FileError
    from ..usage import UsageError

    with refusing(UsageError, FileError):
        from ..docs import marking

        found = marking.check(paths)
        if found.differing:
            put(marking.diff(found))
        for problem in found.problems:
            complain(f"ulpian: {problem.where}: {problem.sentence}")
        written = marking.mend(found) if fix else 0
    kinds = ((found.ignored, "ignored by git"), (found.binary, "binary"))
    left = ", ".join(f"{n} {why}" for n, why in kinds if n)
    files = f"{_counted(found.files, 'file')}{f' ({left} left out)' if left else ''}"
    formulas = f"{_counted(found.count, 'formula')} beside markers, {found.differing} differ"
    mended = f", mended in {_counted(written, 'file')}" if written else ""
    complain(f"ulpian: {files}: {formulas}{mended}")
    if found.differing and not fix:
        return FINDINGS
    if found.problems:
        return NO_VERDICT
    if not found.count:
        raise Refused("no marker in these files: put one above a formula, as .. ulpian: gelu")
    return OK


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _docstrings(targets: tuple[str, ...], named: str, verbose: bool, output_format: str) -> int:
    from ..usage import UsageError

    with refusing(UsageError, LookupError):
        from ..docs import documentation

        found = documentation.check(targets, named)
    as_json = output_format == "json"
    put(documentation.as_json(found) if as_json else documentation.text(found, verbose))
    if found.count("wrong"):
        return FINDINGS
    return OK if found.compared else NO_VERDICT
