"""Pictures of the pages of the site in a browser, light and dark, wide and narrow: to look at.

    python -m tests.screenshots SITE FOLDER [PAGE…]

SITE is a folder with the site in it (`ulpian handbook` writes it below html/), FOLDER is where the
PNG files go, PAGE a file's name without .html; without any, those that show the most.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .chromium import MISSING, PROGRAM, screenshot

PAGES = ("index", "functions", "gelu", "huber", "softmax", "cross_entropy", "ctc")
SIZES = ((1200, 6000), (360, 9000))


def main(arguments: list[str]) -> int:
    """Write the pictures; 2 with one sentence where that cannot be done."""
    if len(arguments) < 2:
        print("name the folder of the site, and one for the pictures", file=sys.stderr)
        return 2
    site, folder = map(Path, arguments[:2])
    pages = arguments[2:] or list(PAGES)
    missing = [page for page in pages if not (site / f"{page}.html").is_file()]
    if missing:
        print(f"{site} has no {missing[0]}.html: name a folder with the site", file=sys.stderr)
        return 2
    if PROGRAM is None:
        print(MISSING, file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        for width, height in SIZES:
            for dark in (False, True):
                picture = folder / f"{page}-{width}-{'dark' if dark else 'light'}.png"
                address = (site / f"{page}.html").resolve().as_uri()
                screenshot(address, picture.resolve(), width=width, height=height, dark=dark)
                print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
