"""The PDF of the book: its LaTeX given to latexmk, which leaves nothing where the LaTeX is."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .tex.volume import MAIN

PATIENCE = 900.0  # seconds: on two busy cores the book takes one and a half minutes
DEBIAN = "apt-get install latexmk texlive-latex-base texlive-latex-recommended lmodern"
PROGRAMS = ("latexmk", "pdflatex")

# Files that TeX writes know no time, and lines of its log are not cut.
_SETTINGS = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}
_ERROR = re.compile(r"^(?:\./)?(\S+\.\w+):(\d+): (.+)|^! (.+)", re.MULTILINE)


class NoLatex(RuntimeError):  # noqa: N818 - a reason, which a build goes on with
    """There is no PDF; the message is one sentence that says why, and the way out."""


def made(folder: Path) -> bytes:
    """The PDF of the LaTeX in a folder: the same bytes for the same LaTeX and TeX.

    Raises `NoLatex` where LaTeX is not installed, or where it refuses what is there.
    """
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        raise NoLatex(
            f"there is no PDF, since {' and '.join(missing)} cannot be found: install them "
            f"(Debian and Ubuntu: {DEBIAN}); the LaTeX is written"
        )
    with tempfile.TemporaryDirectory(prefix="ulpian-") as scratch:
        return _typeset(folder, Path(scratch))


def _typeset(folder: Path, scratch: Path) -> bytes:
    command = [
        *("latexmk", "-norc", "-pdf", "-interaction=nonstopmode", "-halt-on-error"),
        *("-file-line-error", "-no-shell-escape", f"-outdir={scratch}", MAIN),
    ]
    with (scratch / "said").open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_SETTINGS},
            start_new_session=True,  # so that TeX ends with latexmk
        )
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise NoLatex(
                f"there is no PDF, since latexmk took longer than {PATIENCE:g} s; "
                f"run it in {str(folder)!r} to see where it is"
            ) from late
        finally:
            _end(process)
    pdf = scratch / Path(MAIN).with_suffix(".pdf")
    if code or not pdf.is_file():
        raise NoLatex(f"there is no PDF, since LaTeX refuses it: {_first_error(scratch)}")
    return pdf.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End latexmk and what it has started, where it still runs."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _first_error(scratch: Path) -> str:
    """What LaTeX complained of first, and in which file."""
    for name in (Path(MAIN).with_suffix(".log").name, "said"):
        place = scratch / name
        text = place.read_text("utf-8", "replace") if place.is_file() else ""
        found = _ERROR.search(text)
        if found and found[1]:
            return f"{Path(found[1]).name}:{found[2]}: {found[3]}{_hint(found[3])}"
        if found:
            return found[4] + _hint(found[4])
    return "it says nothing; run latexmk there to see it"


def _hint(said: str) -> str:
    return f" (Debian and Ubuntu: {DEBIAN})" if "not found" in said else ""
