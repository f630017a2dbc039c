"""Pages in headless Chromium: what becomes of them, what it complains of, and how they look."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
MISSING = "chromium is not installed: Debian has it as the package chromium"

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-extensions", "--hide-scrollbars", "--enable-logging=stderr"),
    # a page opened from a file may then look into another in a frame, as a test has to
    "--allow-file-access-from-files",
)
SECONDS = 120
CONSOLE = re.compile(r":CONSOLE(?:\(\d+\)|:\d+)\] (.*)")


@dataclass(frozen=True)
class Seen:
    """A page after its scripts ran: its tree as text, and every line of its console."""

    dom: str
    console: tuple[str, ...]


def seen(page: Path, *, scripts: bool = True, milliseconds: int = 5000) -> Seen:
    """A page from its file, once everything that it waits for in this time is done."""
    flags = [f"--virtual-time-budget={milliseconds}", "--dump-dom"]
    if not scripts:
        flags.append("--blink-settings=scriptEnabled=false")
    ran = _run([*flags, page.as_uri()])
    return Seen(ran.stdout, tuple(CONSOLE.findall(ran.stderr)))


def screenshot(page: str, picture: Path, *, width: int, height: int, dark: bool) -> None:
    """A page's picture as PNG, in the light or the dark scheme; `page` is an address."""
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    size = f"--window-size={width},{height}"
    _run([scheme, size, f"--screenshot={picture}", page])
    if not picture.exists():
        raise RuntimeError(f"chromium made no picture of {page}")


def _run(flags: list[str]) -> subprocess.CompletedProcess[str]:
    if PROGRAM is None:
        raise RuntimeError(MISSING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, *QUIET, f"--user-data-dir={profile}", *flags]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=SECONDS, check=True
        )
