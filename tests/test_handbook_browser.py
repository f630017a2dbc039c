"""The site in headless Chromium, from files: with scripts and without, wide and narrow."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ulpian.checks.handbook.book import book
from ulpian.checks.handbook.html import site

from . import screenshots
from .chromium import MISSING, PROGRAM, seen
from .sample_book import BOOK

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)

# A page that opens others in frames and asks each something. A frame in a sandbox runs no scripts.
TRIAL = """<!doctype html><meta charset="utf-8"><title>trial</title><script>
const opened = (page, width, scripts) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  if (!scripts) frame.sandbox = "allow-same-origin";
  frame.width = width;
  frame.height = 800;
  frame.onload = () => resolve(frame);
  frame.src = page;
  document.body.append(frame);
});
const each = async (pages, width, scripts, ask) => {
  const answers = {};
  for (const page of pages) {
    const frame = await opened(page, width, scripts);
    answers[page] = await ask(frame.contentDocument, frame.contentWindow);
    frame.remove();
  }
  return answers;
};
addEventListener("load", async () => {
  const said = await (async () => { ASK })().catch((error) => ({ error: String(error) }));
  const out = document.createElement("pre");
  out.textContent = JSON.stringify(said);
  document.body.replaceChildren(out);
});
</script><body></body>"""


FORBIDDEN = "Blocked script execution"  # what Chromium says in the sandbox, as it should


def ask(folder: Path, script: str) -> Any:
    """What a script says of the site in the folder, having opened its pages."""
    trial = folder / "trial.html"
    trial.write_text(TRIAL.replace("ASK", script), encoding="utf-8")
    found = seen(trial, milliseconds=60_000)
    trial.unlink()
    assert [line for line in found.console if FORBIDDEN not in line] == []
    out = re.search(r"<pre>(.*)</pre>", found.dom, re.DOTALL)
    assert out, found.dom[-500:]
    return json.loads(html.unescape(out[1]))


@cache
def whole() -> dict[str, bytes]:
    """The site of the real book."""
    return site(book())


def written(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    # every picture is there: what it shows is no matter here
    pictures = {name for c in files.values() for name in re.findall(rb'src="(figures/.*?)"', c)}
    (folder / "figures").mkdir()
    for name in pictures:
        (folder / name.decode()).write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return folder


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return written(site(BOOK), tmp_path)


@pytest.fixture(params=["sample", "whole"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(site(BOOK) if request.param == "sample" else whole(), tmp_path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.html"))


def test_a_page_that_complains_is_heard(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>x</title><p>x</p><script>nobody()</script>")
    found = seen(page)
    assert "<p>x</p>" in found.dom
    (line,) = found.console
    assert "nobody is not defined" in line


def test_no_page_complains_and_none_is_wider_than_a_telephone(folder: Path) -> None:
    measured = ask(
        folder,
        f"""return each({json.dumps(names(folder))}, 360, true, (page, window) => ({{
          wider: page.documentElement.scrollWidth - window.innerWidth,
          clipped: [...page.querySelectorAll("math")].filter((math) => {{
            const box = math.closest(".scrolls");
            if (!box) return false;
            const [inner, outer] = [math, box].map((one) => one.getBoundingClientRect());
            const left = inner.left - outer.left + box.scrollLeft;
            return left < 0 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1 ||
              left + inner.width > box.scrollWidth + 1;
          }}).map((math) => math.getAttribute("alttext")),
          empty: [...page.querySelectorAll("math")].filter((math) =>
            !math.getBoundingClientRect().width).length,
          searched: !page.querySelector("form").hidden,
          deaf: [...page.querySelectorAll(".scrolls")].filter((box) =>
            (box.scrollWidth > box.clientWidth) !== (box.tabIndex === 0)).length,
        }}))""",
    )
    assert list(measured) == names(folder)
    for page, found in measured.items():
        expected = {"wider": 0, "clipped": [], "empty": 0, "searched": True, "deaf": 0}
        assert found == expected, page


def test_without_scripts_all_is_there_but_search_and_sorting(folder: Path) -> None:
    measured = ask(
        folder,
        f"""return each({json.dumps(names(folder))}, 1200, false, (page, window) => ({{
          wider: page.documentElement.scrollWidth - window.innerWidth,
          searched: page.querySelector("form").getBoundingClientRect().height > 0,
          buttons: page.querySelectorAll("button").length,
          headings: page.querySelectorAll("h1").length,
        }}))""",
    )
    assert list(measured) == names(folder)
    for page, found in measured.items():
        assert found == {"wider": 0, "searched": False, "buttons": 0, "headings": 1}, page


SEARCH = """
  const frame = await opened("index.html", 1200, true);
  const [page, window] = [frame.contentDocument, frame.contentWindow];
  const [field, results] = ["search", "results"].map((id) => page.getElementById(id));
  const look = (text) => {
    field.value = text;
    field.dispatchEvent(new window.Event("input"));
    return {
      found: [...results.querySelectorAll("a")].map((a) => a.getAttribute("href")),
      said: page.getElementById("found").textContent,
    };
  };
"""


def test_the_search_finds_names_titles_words_and_facts(sample: Path) -> None:
    wanted = ("RAMP", "relu", "torch.nn", "斜坡", "long name", "even", "shapes", "râmp", " ", "zzz")
    found = ask(sample, f"{SEARCH} return {json.dumps(wanted)}.map(look);")
    assert [one["found"] for one in found] == [
        *(["ramp.html"], ["ramp.html"], ["ramp.html"], ["ramp.html"]),
        *(["long_name.html"], ["hill.html"], ["shapes.html"], ["ramp.html"], [], []),
    ]
    assert [one["said"] for one in found] == [*["1 found"] * 8, "", "0 found"]


def test_the_search_puts_a_name_first_and_what_is_known_last(sample: Path) -> None:
    (found,) = ask(sample, f"{SEARCH} return ['torch'].map(look);")
    assert found["found"] == ["ramp.html", "hill.html"]
    index = (sample / "search.js").read_text()
    (sample / "search.js").write_text(
        index.replace("[\n", '[\n["late.html", "late", "about ramp", "", ""],\n', 1)
    )
    (found,) = ask(sample, f"{SEARCH} return ['ramp'].map(look);")
    assert found["found"] == ["ramp.html", "late.html"]


def test_the_search_is_walked_by_keyboard(sample: Path) -> None:
    found = ask(
        sample,
        SEARCH
        + """
        const press = (key) => {
          page.activeElement.dispatchEvent(
            new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return page.activeElement.id || page.activeElement.getAttribute("href");
        };
        field.focus();
        look("torch");
        const walked = ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"].map(press);
        const ended = press("Escape");
        return { walked, ended, field: field.value, left: results.children.length };
        """,
    )
    assert found == {
        "walked": ["ramp.html", "hill.html", "hill.html", "ramp.html", "search"],
        "ended": "search",
        "field": "",
        "left": 0,
    }


def test_the_search_of_the_real_book_finds_what_others_call_a_function(tmp_path: Path) -> None:
    wanted = {
        "gelu": "gelu",
        "swish": "swish",
        "logarithm of the logistic": "log_sigmoid",
        "torch.nn.functional.huber_loss": "huber",
        "均方误差": "mse",
    }
    found = ask(written(whole(), tmp_path), f"{SEARCH} return {json.dumps([*wanted])}.map(look);")
    assert [one["found"][0] for one in found] == [f"{name}.html" for name in wanted.values()]


SORT = """
  const frame = await opened(PAGE, 1200, true);
  const page = frame.contentDocument;
  const table = page.querySelector("table.sortable");
  const heads = [...table.tHead.rows[0].cells];
  const sorted = (column, times = 1) => {
    const head = heads[column];
    for (let k = 0; k < times; k++) head.querySelector("button").click();
    return [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
  };
  const marks = () => heads.map((head) => head.getAttribute("aria-sort"));
"""


def test_a_table_sorts_by_number_by_level_and_by_word(sample: Path) -> None:
    script = SORT.replace("PAGE", '"ramp.html"')
    found = ask(
        sample,
        f"""{script} return {{
          number: sorted(2), again: sorted(2), level: sorted(1), word: sorted(0), after: marks(),
          prose: sorted(3), back: sorted(3),
        }}""",
    )
    assert found["number"] == ["9.5", "10", "oo"]
    assert found["again"] == ["oo", "10", "9.5"]
    assert found["level"] == ["unsound", "accurate", "exact"]
    assert found["word"][1:] == ["one", "two"]
    assert found["after"] == ["ascending", None, None, None]
    # nothing is last in both directions
    assert found["prose"] == ["long text that is prose", "out", ""]
    assert found["back"] == ["out", "long text that is prose", ""]


def test_the_table_of_functions_sorts(sample: Path) -> None:
    script = SORT.replace("PAGE", '"functions.html"')
    found = ask(sample, f"{script} return [sorted(0), sorted(0), sorted(3), sorted(4), sorted(5)]")
    assert found == [
        *(["hill", "ramp"], ["ramp", "hill"], ["-2.5", "1"], ["accurate", "exact"], ["0", ""]),
    ]


def test_cases_stand_at_the_left(sample: Path) -> None:
    found = ask(
        sample,
        """const frame = await opened("ramp.html", 1200, true);
        const rows = [...frame.contentDocument.querySelectorAll("mtable:not(.lines) > mtr")];
        const left = (part) => part.getBoundingClientRect().left;
        return rows.map((row) => left(row.children[1].firstElementChild.firstElementChild ??
          row.children[1].firstElementChild));""",
    )
    assert len(found) == 2
    assert found[0] == pytest.approx(found[1], abs=0.5)


def png(path: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    raw = path.read_bytes()
    assert raw.startswith(b"\x89PNG")
    return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")


def test_pages_are_pictured_light_and_dark(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots, "SIZES", ((400, 300),))
    pictures = tmp_path / "pictures"
    assert screenshots.main([str(sample), str(pictures), "ramp"]) == 0
    names = sorted(path.name for path in pictures.iterdir())
    assert names == ["ramp-400-dark.png", "ramp-400-light.png"]
    assert [png(pictures / name) for name in names] == [(400, 300)] * 2
    assert (pictures / names[0]).read_bytes() != (pictures / names[1]).read_bytes()


def test_a_page_that_is_not_there_is_named(tmp_path: Path, capsys: Any) -> None:
    assert screenshots.main([str(tmp_path), str(tmp_path), "gelu"]) == 2
    assert capsys.readouterr().err == f"{tmp_path} has no gelu.html: name a folder with the site\n"
    assert screenshots.main([]) == 2
    assert capsys.readouterr().err == "name the folder of the site, and one for the pictures\n"
