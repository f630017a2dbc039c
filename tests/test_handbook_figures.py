"""The pictures of the book: true, the same bytes every time, readable by everybody."""

from __future__ import annotations

import itertools
import math
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ulpian.checks.handbook import drawing, records
from ulpian.checks.handbook.document import Figure, plain
from ulpian.checks.handbook.drawing import labels, palette, picture, vector
from ulpian.checks.handbook.figures import (
    FAMILIES,
    Family,
    Measured,
    Member,
    errors,
    family,
    function,
    measured,
    notable,
    row_map,
    words,
)
from ulpian.checks.handbook.figures.row_view import row_views
from ulpian.checks.handbook.figures.sampling import hull, sampled
from ulpian.checks.handbook.figures.view import views
from ulpian.checks.handbook.plot import Curve, Plot, panels
from ulpian.reference import oracle
from ulpian.reference.formats import FORMATS
from ulpian.reference.rows import truth_rows
from ulpian.spec.catalogue import catalogue, find

DOUBLE = FORMATS["float64"]
FUNCTIONS = sorted(catalogue())
SIZE = 60_000  # bytes that one picture may take


@cache
def pictures(name: str) -> tuple[Figure, ...]:
    return function(find(name))


def main(name: str) -> Plot:
    return pictures(name)[0].plot


def some(curve: Curve, count: int = 7) -> list[int]:
    """A few of the points of a curve, its ends among them."""
    there = np.flatnonzero(np.isfinite(curve.y))
    return sorted({int(there[k]) for k in np.linspace(0, there.size - 1, count).astype(int)})


# ---------------------------------------------------------------- every function


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_picture_of_its_own(name: str) -> None:
    found = pictures(name)
    assert found[0].name == name
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.alt.startswith(name)
        assert name in plain(one.caption)
        assert "\\" not in one.alt
        assert "nothing is certified" not in one.alt
        for panel in panels(one.plot):
            assert panel.x_window
            assert panel.y_window
            assert panel.surface or all(len(some(curve)) > 1 for curve in panel.curves)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if not catalogue()[n].along_axis])
def test_points_of_curves_are_what_the_other_engine_says(name: str) -> None:
    own = find(name)
    values, slopes = panels(main(name))
    for view, value, slope in zip(views(own), values.curves, slopes.curves, strict=False):
        x = np.array([value.x[k] for k in some(value)])
        columns = [x, *(np.full(x.shape, c) for c in view.fixed)]
        found = oracle.truth(own, columns, DOUBLE, engine="mp", cached=False)
        for curve, truth in ((value, found["value"]), (slope, found[own.variables[0].name])):
            shown = np.array([curve.y[k] for k in some(value)])
            right = np.array([answer.nearest for answer in truth.answers])
            known = np.isfinite(shown) & truth.decided
            assert (shown == right)[:, known].any(axis=0).all()


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if catalogue()[n].along_axis])
def test_points_of_rows_are_what_the_other_engine_says(name: str) -> None:
    own = find(name)
    view = row_views(own)[0]
    curves = main(name).curves
    x = np.array([curves[0].x[k] for k in some(curves[0], 4)])
    found = truth_rows(own, view.batch(x), DOUBLE, engine="mp", cached=False)["value"]
    outputs = found.nearest.reshape(x.size, -1)
    several = curves if own.row_output else curves[:1]
    for k, curve in enumerate(several):
        shown = np.array([curve.y[k] for k in some(curves[0], 4)])
        known = np.isfinite(shown)
        assert (shown == outputs[:, k])[known].all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_text_lies_over_another_or_outside(name: str) -> None:
    for one in pictures(name):
        assert overlaps(one.plot) == []


def overlaps(plot: Plot) -> list[str]:
    """The texts of a picture that meet, and those that are cut off."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with picture._settings():
        figure = picture.drawn(plot)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        boxes = [
            (text.get_text(), text.get_window_extent(canvas.get_renderer()))
            for text in seen(figure)
        ]
    cut = [
        text
        for text, box in boxes
        if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1
    ]
    met = [
        f"{a} | {b}"
        for (a, one), (b, other) in itertools.combinations(boxes, 2)
        if meet(one, other)
    ]
    return cut + met


def meet(one: Any, other: Any) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(wide > 0.5 and high > 0.5)  # pixels


def seen(figure: Any) -> list[Any]:
    """The texts that are drawn: ticks outside the axes have labels, too, and are not."""
    found = []
    for axes in figure.axes:
        found += [axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            found += [tick.label1 for tick in axis._update_ticks()]
    return [text for text in found if text.get_text().strip() and text.get_visible()]


# ---------------------------------------------------------------- what they show


def kinds(plot: Plot) -> set[tuple[float, float, str]]:
    return {(mark.x, round(mark.y, 3) + 0.0, mark.kind) for mark in plot.marks}


def at(curve: Curve, place: float) -> list[float]:
    """What a curve shows at a place."""
    return [y for x, y in zip(curve.x, curve.y, strict=True) if x == place]


def test_a_jump_is_closed_where_the_value_is_open_where_it_is_not_and_dotted_where_it_may_be() -> (
    None
):
    value, slope = panels(main("step"))
    assert kinds(value) == {(0, 0, "closed"), (0, 1, "open"), (0, 0.5, "accepted")}
    assert kinds(slope) == {(0, 0, "open")}
    assert all(math.isnan(y) for y in at(value.curves[0], 0.0))


def test_a_kink_is_a_diamond_and_the_slopes_beside_it_are_open() -> None:
    value, slope = panels(main("relu"))
    assert kinds(value) == {(0, 0, "kink")}
    assert kinds(slope) == {(0, 0, "open"), (0, 1, "open")}
    assert at(value.curves[0], 0.0) == [0.0]
    assert all(math.isnan(y) for y in at(slope.curves[0], 0.0))


@pytest.mark.parametrize("name", ["hardshrink", "threshold", "relu6", "mae", "hard_swish", "hinge"])
def test_no_curve_is_drawn_across_a_break(name: str) -> None:
    for panel, order in zip(panels(main(name)), (0, 1), strict=True):
        for view, curve in zip(views(find(name)), panel.curves, strict=True):
            broken = [place for place, first in view.breaks.items() if first <= order]
            assert order == 0 or broken
            for place in broken:
                assert all(math.isnan(y) for y in at(curve, place)), place
                assert at(curve, place) or not curve.x[0] < place < curve.x[-1]


def test_a_jump_along_an_axis_is_found_and_left_open() -> None:
    plot = main("hardmax")
    assert len(panels(plot)) == 1, "a map would be drawn across the jump"
    assert {mark.x for mark in plot.marks} == {0.5}
    assert {mark.kind for mark in plot.marks} == {"open"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("gelu", True),
        ("tanh", True),
        ("softsign", True),
        ("relu", False),  # it has kinks
        ("relu_squared", False),  # constant between jumps
        ("exponential", False),  # the first derivative once more
        ("hard_sigmoid", False),
        ("mse", False),  # several variables
    ],
)
def test_a_second_derivative_is_drawn_where_it_says_more(name: str, shown: bool) -> None:
    (_, slopes) = panels(main(name))
    assert [curve.latex for curve in slopes.curves] == (["f'", "f''"] if shown else [""])


def test_second_derivatives_are_the_oracle_s() -> None:
    (_, slopes) = panels(main("gelu"))
    bend = slopes.curves[1]
    x = np.array([bend.x[k] for k in some(bend)])
    found = oracle.truth(find("gelu"), [x], DOUBLE, second=True, engine="mp", cached=False)
    assert [bend.y[k] for k in some(bend)] == found["second"].nearest.tolist()


def test_a_parameter_that_changes_nothing_to_be_seen_has_no_picture() -> None:
    assert [one.name for one in pictures("gaussian_nll")] == ["gaussian_nll", "gaussian_nll-full"]
    assert [one.name for one in pictures("elu")] == ["elu", "elu-alpha"]


def test_asymptotes_are_drawn_on_their_side() -> None:
    guides = main("tanh").guides
    assert [(min(g.x) < 0, g.y) for g in guides] == [(True, (-1.0, -1.0)), (False, (1.0, 1.0))]


def test_windows_hold_what_happens() -> None:
    low, high = main("relu6").x_window or (0, 0)
    assert low < 0 < 6 < high
    assert main("bce").x_window == (0.0, 1.0)
    low, high = main("log1p").x_window or (0, 0)
    assert low == -1.0


def test_a_pole_leaves_room_for_the_rest() -> None:
    y = np.array([*np.linspace(0, 1, 99), 1e6])
    assert hull(y)[1] < 3
    assert hull(np.array([0.0, np.inf])) == (0.0, 0.0)


def test_a_map_is_the_oracle_s_and_its_levels_hold_it() -> None:
    surface = panels(main("softmax"))[1].surface
    assert surface
    i, j = 30, 11
    assert 0 not in surface.x, "lines that meet at 0 would be cut there"
    row = np.array([[surface.x[i], surface.y[j], 0.0]])
    found = truth_rows(find("softmax"), [row], DOUBLE, engine="mp", cached=False)["value"]
    assert surface.values[j][i] == found.nearest[0, 0]
    values = np.array(surface.values)
    assert surface.levels[0] <= values.min()
    assert values.max() <= surface.levels[-1]
    assert row_map.levels(np.array([0.0, 1.0])) == (0, 0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "bilinear", "swiglu"])
def test_numbers_of_contour_lines_stand_inside_their_map(name: str) -> None:
    with picture._settings():
        figure = picture.drawn(main(name))
        axes = figure.axes[1]
        figure.draw_without_rendering()
        assert axes.texts
        for text in axes.texts:
            box = text.get_window_extent()
            assert axes.bbox.x0 <= box.x0
            assert box.x1 <= axes.bbox.x1
            assert axes.bbox.y0 <= box.y0
            assert box.y1 <= axes.bbox.y1


def test_dense_points_follow_a_bend() -> None:
    x, (y,) = sampled(lambda x: np.tanh(20 * x)[None], (-3.0, 3.0))
    straight = np.interp(np.linspace(-3, 3, 2000), x, y)
    assert np.abs(straight - np.tanh(20 * np.linspace(-3, 3, 2000))).max() < 0.01
    assert x.size < 400


def test_words_for_those_who_do_not_see_the_picture() -> None:
    gelu = pictures("gelu")[0].alt
    assert "minimum -0.17 at -0.7518" in gelu
    assert "approaches 0 at -infinity, x at infinity" in gelu
    assert "t[" not in gelu
    assert words.plain(r"\mathrm{label\_smoothing} = 1/10") == "label_smoothing = 1/10"
    assert words.plain("z_{0, 1}") == "z[0, 1]"
    assert words.of_curve(Curve((0, 1, 2), (3, 1, math.nan), "")) == "falls from 3 to 1"
    assert words.of_curve(Curve((0, 1, 2), (1, 1, 1), "")) == "constant at 1"
    assert words.of_curve(Curve((0, 1, 2), (1, 0, 2), "")) == "goes from 1 to 2, between 0 and 2"


# ---------------------------------------------------------------- families


@pytest.mark.parametrize("one", FAMILIES, ids=lambda one: one.name)
def test_families_are_the_oracle_s_and_readable(one: Family) -> None:
    found = family(one)
    assert overlaps(found.plot) == []
    said = plain(found.caption)
    for member, curve in zip(one.members, found.plot.curves, strict=True):
        assert member.name in said
        assert member.name in found.alt
        own = find(member.name)
        x = np.array([curve.x[k] for k in some(curve)])
        columns = [x, *(np.full(x.shape, c) for c in member.fixed)]
        given = dict(member.given)
        truth = oracle.truth(own, columns, DOUBLE, given, engine="mp", cached=False)["value"]
        shown = np.array([curve.y[k] for k in some(curve)])
        assert any((shown == answer.nearest).all() for answer in truth.answers)


def test_the_seeds_comparisons_are_there() -> None:
    families = {one.name: {m.name for m in one.members} for one in FAMILIES}
    assert families["activations"] >= {"sigmoid", "tanh", "relu", "leaky_relu", "swish"}
    assert families["losses-at-1"] == {"mse", "mae", "hinge"}
    assert len(families) == len(FAMILIES)


def test_a_family_takes_values_that_facts_fix() -> None:
    other = Family("x", "X", (Member("bce", fixed=(0.25,)),), (0.0, 1.0), "p")
    with pytest.raises(LookupError, match=r"bce: no facts for t = 1/4; take values that facts fix"):
        family(other)


# ---------------------------------------------------------------- measured errors

LADDER = [-1e30, -1e3, -1.0, -1e-30, 1e-30, 1.0, 1e3, 1e30]


def test_errors_are_drawn_by_sign_on_logarithmic_axes() -> None:
    ulp = [0.0, 0.4, 3.0, 0.1, 0.2, 7e7, math.inf, math.nan]
    found = errors("e", "gelu", "float32", "value", [Measured("torch 2.13.0", LADDER, ulp)])
    left, right = panels(found.plot)
    assert (left.x_scale, right.x_scale) == ("negative log", "log")
    assert left.curves[0].y == (0.01, 0.4, 3.0, 0.1)
    assert [(mark.x, mark.kind) for mark in right.marks] == [(1.0, "beyond"), (1e3, "beyond")]
    assert right.curves[0].x[-1] == 1e3, "nothing was tried at 1e30"
    assert left.y_window == right.y_window
    assert "no number" in plain(found.caption)
    assert "no number, near x = 1e+03" in found.alt
    assert overlaps(found.plot) == []


def test_errors_are_shown_where_there_are_any() -> None:
    measured = [Measured("a b", LADDER, [0.4, 0.4, 3.0, 0.4, 0.4, 0.6, 0.4, 0.4])]
    left, right = panels(errors("e", "gelu", "float32", "value", measured).plot)
    assert left.x_window == (-100.0, -0.01)
    assert right.x_window == (0.01, 100.0)


@pytest.mark.parametrize("size", [5e-324, 1e308])
def test_errors_reach_to_the_ends_of_float64(size: float) -> None:
    measured = [Measured("a", [-size, -1.0, 1.0, size], [2.0, 2.0, 2.0, 2.0])]
    plot = errors("e", "gelu", "float64", "gradient", measured).plot
    assert overlaps(plot) == []
    assert drawing.draw(plot).svg


def test_errors_that_were_not_measured_are_refused() -> None:
    with pytest.raises(ValueError, match=r"e: no error was measured; leave the picture out"):
        errors("e", "gelu", "float32", "value", [Measured("a", [1.0], [math.nan])])
    many = [Measured(f"b{k}", [1.0], [1.0]) for k in range(7)]
    with pytest.raises(ValueError, match=r"e: 7 backends, and there are 6 kinds of line"):
        errors("e", "gelu", "float32", "value", many)


def test_recorded_errors_are_drawn_as_they_were_recorded(tmp_path: Path) -> None:
    found = measured("gelu", atlas=tmp_path)
    assert [one.name for one in found] == [
        "gelu-errors-float32-value",
        "gelu-errors-float32-gradient",
    ]
    recorded = {
        record.name: curve
        for record, curve in records.curves("gelu")
        if (curve.format, curve.quantity) == ("float32", "value")
    }
    drawn = {words.plain(c.latex).replace(" ", ""): c for c in panels(found[0].plot)[1].curves}
    assert len(drawn) == len(recorded) > 2
    for name, curve in recorded.items():
        seen = drawn[name.replace(" ", "")]
        known = dict(zip(*curve.sequence, strict=True))
        assert all(np.clip(known[x], 0.01, 1e6) == y for x, y in zip(seen.x, seen.y, strict=True))
    assert overlaps(found[0].plot) == []


def test_a_backend_has_one_kind_of_line_in_all_pictures() -> None:
    styles = set()
    for name in ("gelu", "mish", "tanh"):
        for one in measured(name):
            last = panels(one.plot)[-1]
            styles |= {(words.plain(c.latex), c.style) for c in last.curves}
    assert len({name for name, _ in styles}) == len({style for _, style in styles}) == len(styles)


def test_what_is_correctly_rounded_everywhere_has_no_picture_of_errors(tmp_path: Path) -> None:
    for file in records.FOLDER.glob("reference-*.json"):
        shutil.copy(file, tmp_path)
    assert records.curves("relu", tmp_path)
    assert measured("relu", folder=tmp_path, atlas=tmp_path / "none") == ()
    assert measured("gelu", folder=tmp_path, atlas=tmp_path / "none")
    assert not notable([Measured("a", [1.0], [0.5])])
    assert notable([Measured("a", [1.0], [math.inf])])


# ---------------------------------------------------------------- the drawing


@pytest.mark.parametrize("name", ["gelu", "step", "elu", "softmax", "bce", "hardmax"])
def test_a_picture_is_the_same_small_file_every_time(name: str) -> None:
    for one in pictures(name):
        first, second = drawing.draw(one.plot), drawing.draw(one.plot)
        assert first == second
        assert len(first.svg) < SIZE
        assert len(first.pdf) < SIZE
        assert first.pdf.startswith(b"%PDF")
        assert b"CreationDate" not in first.pdf


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib, sys\n"
        "from ulpian.checks.handbook.drawing import draw\n"
        "from ulpian.checks.handbook.figures import function\n"
        "from ulpian.spec.catalogue import find\n"
        "one = draw(function(find('tanh'))[0].plot)\n"
        "print(hashlib.sha256(one.svg + one.pdf).hexdigest())\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_a_users_settings_of_matplotlib_change_nothing_and_are_left_alone() -> None:
    import matplotlib

    before = drawing.draw(main("tanh"))
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert drawing.draw(main("tanh")) == before
        assert matplotlib.rcParams["font.size"] == 20


def test_pictures_are_planned_without_matplotlib() -> None:
    code = (
        "import sys\n"
        "from ulpian.checks.handbook import drawing, figures\n"
        "assert 'matplotlib' not in sys.modules\n"
        "sys.modules['matplotlib'] = sys.modules['matplotlib.style'] = None\n"
        "from ulpian.checks.handbook.plot import Plot\n"
        "try:\n    drawing.draw(Plot())\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "pictures are drawn by matplotlib: pip install 'ulpian[handbook]'\n"


@pytest.mark.parametrize("name", ["gelu", "softmax", "hardshrink"])
def test_an_svg_has_a_second_colour_for_the_dark(name: str) -> None:
    text = drawing.draw(main(name)).svg.decode()
    ElementTree.fromstring(text)
    light, dark = text.split("@media(prefers-color-scheme:dark)")
    sheet, body = light, dark.split("</style>")[1]
    colours = {word[:7] for word in sheet.split("#")[1:] for word in [f"#{word}"]}
    assert colours <= {tint.light for tint in palette.TINTS}
    assert all(tint.dark in dark for tint in palette.TINTS if tint.light in colours)
    assert "#" not in body.replace('href="#', "").replace("url(#", "")
    assert "style=" not in body
    assert "<metadata" not in text
    assert "<!--" not in text


def test_coordinates_are_short() -> None:
    assert vector._short("M 1.234567 -2.5 \nL 3 4.00001 \nz\n") == "M1.23 -2.5L3 4.00z"


# ---------------------------------------------------------------- what eyes need


@pytest.mark.parametrize("tint", [*palette.TINTS[1:]], ids=lambda tint: tint.light)
def test_colours_stand_out_from_light_and_dark_paper(tint: palette.Tint) -> None:
    least = 7.0 if tint is palette.INK else 3.0
    assert palette.contrast(tint.light, palette.PAPER.light) >= least
    assert palette.contrast(tint.dark, palette.PAPER.dark) >= least


def test_contrast_is_that_of_the_guidelines() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)


def test_lines_are_told_apart_without_colour() -> None:
    patterns = [stroke.dashes for stroke in palette.STROKES]
    assert len(set(patterns)) == len(patterns)
    shares = [
        (len(p), round(sum(p[::2]) / sum(p), 2), round(sum(p), 1)) if p else (0, 1.0, 0.0)
        for p in patterns
    ]
    for one, other in itertools.combinations(shares, 2):
        longer = abs(one[2] - other[2]) >= 3
        assert one[0] != other[0] or longer, "as many dashes of about the same length"


def test_light_and_dark_colours_differ_from_each_other() -> None:
    for shade in ("light", "dark"):
        colours = [getattr(stroke.tint, shade) for stroke in palette.STROKES]
        assert len(set(colours)) == len(colours)


@given(st.lists(st.floats(0, 100), max_size=8))
def test_labels_keep_their_order_and_their_distance(wanted: list[float]) -> None:
    places = labels.apart(wanted, 11.0, 5.0, 95.0)
    ordered = sorted(places)
    assert all(b - a >= 11.0 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert all(5 - 1e-9 <= p <= 95 + 1e-9 for p in places)
    for (a, p), (b, q) in itertools.combinations(zip(wanted, places, strict=True), 2):
        assert a == b or (a < b) == (p < q)


def test_a_label_that_has_room_stands_where_its_curve_ends() -> None:
    assert labels.apart([50.0, 10.0], 11.0, 5.0, 95.0) == [50.0, 10.0]
    assert labels.end(np.array([0.0, 1.0, np.nan]), (0.0, 2.0)) == 0.5
