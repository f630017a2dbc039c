"""The check of other people's documentation: formulas beside markers, formulas in docstrings."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sympy import Symbol

from ulpian.checks import cli
from ulpian.checks.docs import by_hand, documentation, marking, points
from ulpian.checks.docs.comparison import Comparison, compare
from ulpian.checks.docs.docstrings import Docstring, docstrings
from ulpian.checks.docs.formulas import formulas
from ulpian.checks.docs.markers import statement
from ulpian.checks.docs.reading import cases, read, read_block
from ulpian.checks.docs.subjects import claim, inputs, subjects
from ulpian.checks.docs.vocabulary import ROW, UnreadableError
from ulpian.checks.usage import UsageError
from ulpian.spec import catalogue, find, statements
from ulpian.spec.notation import Notation


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def ulpian(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process."""

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        out, err = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return Said(code, out, err)

    return run


GELU = statements.formula(find("gelu")).latex

# ---------------------------------------------------------------- reading

X = Symbol("x", real=True)
A, B = (tuple(Symbol(f"{n}_{k}", real=True) for k in range(ROW)) for n in "ab")
KNOWN = {"x": X, "a": A, "b": B, "c": Symbol("c", real=True)}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2 * x^2 + |x| - 1.", "2*x**2 + abs(x) - 1"),
        ("max(x, 0)", "x if x > 0 else 0"),
        ("np.exp(x)", "exp(x)"),
        ("0.044715", "44715 / 1000000"),
        ("x ** 0.5", "sqrt(x)"),
        ("clip(x, -1, 1)", "minimum(maximum(x, -1), 1)"),
        ("where(x <= 0, 0, x)", "relu(x)"),
        ("|x| ≤ c and not x == 0 or x > 1", "(abs(x) <= c and not x == 0) or x > 1"),
    ],
)
def test_a_formula_is_read_as_mathematics_means_it(text: str, same: str) -> None:
    first, second = (read(t, KNOWN) for t in (text, same))
    for number in (-2, 0, 3):
        point = {X: number, KNOWN["c"]: 2}
        assert first.subs(point) == second.subs(point)


def test_reductions_are_over_the_last_axis() -> None:
    assert read("sum(a)", KNOWN) == sum(A)
    assert read("mean(square(a - b), axis=-1)", KNOWN) * ROW == sum(
        (p - q) ** 2 for p, q in zip(A, B, strict=True)
    )
    assert read("mse(a, b)", KNOWN) == tuple((p - q) ** 2 for p, q in zip(A, B, strict=True))


def test_a_block_of_lines_and_a_loop_are_read_like_one_formula() -> None:
    loop = (
        "error = a - b\nfor e in error:\n    if abs(e) <= c:\n        loss.append(0.5 * e^2)\n"
        "    else:\n        loss.append(c * abs(e) - 0.5 * c^2)\nloss = mean(loss, axis=-1)"
    )
    known = {one.name: one.value for one in inputs("huber(a, b, delta=c)")}
    found = compare(
        read_block(loop, known),
        read("huber(a, b, delta=c)", known),
        inputs("huber(a, b, delta=c)"),
        "",
    )
    assert (found.status, found.reduction) == ("agrees", "mean")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("__import__('os').system('true')", "is no function that is read"),
        ("open('x')", "'x'\" is no number"),
        ("x.real", "'x.real' is beyond what is read"),
        ("[x for x in y]", "is beyond what is read"),
        ("9**9**9", "the power '387420489' is too high for a formula"),
        ("1e999", "'1e999' is no number of a formula"),
        ("y + 1", "nothing says what 'y' is"),
        ("P(X <= x)", "nothing says what 'X' is"),
        ("sum(a, axis=0)", "it reduces over more than the last axis: {'axis': '0'}"),
        ("gamma(x)", "'gamma' is no function that is read"),
        ("x +", "'x +' is no Python expression"),
        ("(" * 1000 + "x" + ")" * 1000, "it is too long to be a formula"),
        ("(" * 300 + "x" + ")" * 300, "is no Python expression"),
        ("|x", "a bar | has no partner"),
        ("x / 0", "it divides by zero"),
        ("log(-1)", "it has no real value"),
        ("gelu(x)", "it says what gelu is in terms of gelu"),
        ("mse(x)", "mse takes (prediction, target)"),
        ("softplus(x, gamma=1)", "softplus has no parameter 'gamma'"),
        ("x @ x", "'x @ x' has an operator no formula has"),
        ("x in a", "'x in a' has a comparison no formula has"),
        ("1 if x else 0", "'x' is a number where a comparison is due"),
        ("not x", "'x' is a number where a comparison is due"),
        ("x > 0 and c", "'c' is a number where a comparison is due"),
        ("2 * (x > 0)", "'2 * (x > 0)' makes no sense"),
    ],
)
def test_what_is_no_formula_is_unreadable_with_why(text: str, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(text, KNOWN, barred=("gelu",))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is nothing to read"),
        ("import os", "'import os' is no assignment"),
        ("a[0] = 1", "'a[0]' is assigned to"),
        ("for e in x:\n    y.append(e)", "a loop over what is no row"),
        ("for e in a:\n    print(e)", "a loop that does more than append"),
    ],
)
def test_a_block_that_is_a_program_is_unreadable(text: str, why: str) -> None:
    with pytest.raises(UnreadableError, match="^" + why.replace("[", r"\[").replace("'", ".")):
        read_block(text, KNOWN)


def test_somebody_elses_text_raises_no_warnings(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(UnreadableError):
        read("1if x>0else 0+\\d", KNOWN)
    read("1if x>0else 0", KNOWN)
    assert not recwarn.list


# ---------------------------------------------------------------- comparing


def compared(formula: str, call: str) -> Comparison:
    given = inputs(call)
    known = {one.name: one.value for one in given}
    name = call.lstrip("-").partition("(")[0]
    jumps = bool(find(name).jumps)
    return compare(read(formula, known, (name,)), read(call, known), given, formula, jumps)


def test_what_is_right_is_proved_or_agrees_at_points() -> None:
    assert compared("log(exp(x) + 1)", "softplus(x)").how.startswith("proved: ")
    assert compared("exp(z) / sum(exp(z))", "softmax(z)").how.startswith("proved for rows of 4: ")
    erfc = compared("x / 2 * erfc(-x / sqrt(2))", "gelu(x)")
    assert (erfc.status, erfc.how) == ("agrees", f"at {erfc.points} points")


def test_what_is_wrong_is_shown_at_a_point_with_both_numbers() -> None:
    found = compared("x / (1 + exp(-1.702 * x))", "gelu(x)")
    assert found.status == "wrong"
    assert found.difference is not None
    assert found.difference.at == "x = 1"
    assert float(found.difference.given) == pytest.approx(0.8457957659)  # 1/(1 + e^-1.702)
    assert float(found.difference.book) == pytest.approx(0.8413447461)  # Phi(1)


@pytest.mark.parametrize(
    ("formula", "call", "relation"),
    [
        (
            "log(sum(t * exp(x)) / sum(exp(x)))",
            "cross_entropy(x, one_hot(t))",
            "-1 times the book's",
        ),
        ("(x - y)**2 / 2", "mse(x, y)", "0.5 times the book's"),
        ("relu(x) + 1", "leaky_relu(x, negative_slope=0)", "the book's plus 1"),
        ("-t * log_softmax(x)", "cross_entropy(x, t)", "equal but for the sum over the last axis"),
    ],
)
def test_what_a_wrong_formula_is_of_the_books_is_said(
    formula: str, call: str, relation: str
) -> None:
    found = compared(formula, call)
    assert found.status == "wrong"
    assert found.relation.startswith(relation)


def test_a_formula_that_says_nothing_somewhere_agrees_elsewhere_and_that_is_noted() -> None:
    given = inputs("elu(x, alpha=c)")
    known = {one.name: one.value for one in given}
    lines = (("x", "x > 0"), ("c * (exp(x) - 1)", "x < 0"))
    found = compare(cases(lines, known), read("elu(x, alpha=c)", known), given, "")
    assert (found.status, found.notes) == ("agrees", ("says nothing at x = 0, c = 1",))
    assert not found.how.startswith("proved")


def test_constants_count_to_as_many_digits_as_they_are_printed_with() -> None:
    rounded = "1.050701 * x if x > 0 else 1.050701 * 1.673263 * (exp(x) - 1)"
    assert compared(rounded, "selu(x)").notes == ("to 6 digits, as many as its constants have",)
    assert compared(rounded.replace("1.673263", "1.673363"), "selu(x)").status == "wrong"
    assert (
        compared("1.05 * x if x > 0 else 1.05 * 1.67 * (exp(x) - 1)", "selu(x)").status == "wrong"
    )


def test_at_a_jump_either_side_is_right_and_beside_it_is_not() -> None:
    assert compared("x if x >= c or x <= -c else 0", "hardshrink(x, lambd=c)").status == "agrees"
    assert compared("x if x >= c or x < -2*c else 0", "hardshrink(x, lambd=c)").status == "wrong"


def test_every_function_of_the_book_agrees_with_itself_and_not_with_its_double() -> None:
    for function in catalogue().values():
        if any(len(v.shape) > 1 for v in function.variables):
            continue
        call = f"{function.name}({', '.join(v.name for v in function.variables)})"
        known = {one.name: one.value for one in inputs(call)}
        book = read(call, known)
        assert compare(book, book, inputs(call), "").status == "agrees", call
        double = read(f"2 * {call} + 1", known)
        assert compare(double, book, inputs(call), "").status == "wrong", call


def test_points_lie_in_the_domain_and_sum_to_one_where_they_must() -> None:
    given = inputs("cross_entropy(x, t, label_smoothing=s)")
    for point in points.points(given):
        row = [point[s] for s in given[1].symbols]
        assert sum(row) == 1
        assert 0 <= point[given[2].symbols[0]] < 1


# ---------------------------------------------------------------- docstrings


def package(folder: Path, text: str) -> Path:
    file = folder / "pkg.py"
    file.write_text(text, encoding="utf-8")
    return file


KERAS_STYLE = '''
def elu(x, alpha=1.0):
    """ELU.

    - `x` if `x > 0`
    - alpha * `exp(x) - 1` if `x < 0`
    """


def soft_shrink(x, threshold=0.5):
    """It is defined as:

    `soft_shrink(x) = x - threshold` if `x > threshold`,
    `soft_shrink(x) = x + threshold` if `x < -threshold`,
    `soft_shrink(x) = 0` otherwise.

    Args:
        x: not a formula, `y = x + 1`.
    """


def celu(x, alpha):
    """CeLU.

    `celu(x) = alpha * (exp(x / alpha) - 1) for x < 0`,`celu(x) = x for x >= 0`.
    """


class MeanSquaredError:
    """Squares.

    Formula:

    ```python
    loss = sum(square(y_true - y_pred))
    ```

    Example:

    ```python
    loss = mean(abs(y_true - y_pred))
    ```
    """


def mish(x):
    """Computes::

        mish(x) = x * tanh(softplus(x))

    where `softplus(x) = log(exp(x) - 1)`, see `mish`.
    """


def hard_sigmoid(x):
    """`0 if x < -2.5`, `1 if x > 2.5`, `(0.2 * x) + 0.5 if -2.5 <= x <= 2.5`."""


def unrelated(x):
    """`unrelated(x) = x + 1`"""


def squareplus(x, b):
    r"""Computes

    .. math::
        x + b
    """
'''


def test_the_formulas_of_docstrings_are_found_read_and_judged(tmp_path: Path) -> None:
    found = documentation.check([str(package(tmp_path, KERAS_STYLE))])
    said = {(f.docstring.leaf, f.formula.head): f for f in found.findings}
    assert {key: f.status for key, f in said.items()} == {
        ("elu", ""): "unreadable",
        ("soft_shrink", "soft_shrink"): "agrees",
        ("celu", "celu"): "agrees",
        ("MeanSquaredError", ""): "agrees",
        ("mish", "mish"): "agrees",
        ("mish", "softplus"): "wrong",
        ("hard_sigmoid", ""): "wrong",
        ("squareplus", ""): "latex",
    }
    assert said["elu", ""].why == "words and code are mixed in one formula"
    assert said["soft_shrink", "soft_shrink"].call == "softshrink(x, lambd=threshold)"
    squares = said["MeanSquaredError", ""].comparison
    assert squares is not None
    assert squares.reduction == "sum"
    wrong = said["hard_sigmoid", ""]
    assert wrong.comparison is not None
    assert wrong.comparison.difference is not None
    assert wrong.comparison.difference.given == "0.7"
    assert wrong.place.endswith("pkg.py:56")
    assert (found.docstrings, found.concerned, found.compared) == (8, 7, 6)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    file = package(tmp_path, KERAS_STYLE)
    lines = file.read_text(encoding="utf-8").split("\n")
    for docstring in docstrings(str(file)):
        for formula in formulas(docstring):
            first = formula.text.split("\n")[0].split(" if ")[0].split(" for ")[0]
            assert first in lines[formula.line - 1] or ".. math::" in lines[formula.line - 1]


def test_objects_and_functions_may_be_named(tmp_path: Path) -> None:
    package(tmp_path, KERAS_STYLE)
    target = f"{tmp_path / 'pkg.py'}"
    assert [d.leaf for d in docstrings(str(tmp_path))][:2] == ["elu", "soft_shrink"]
    (found,) = documentation.check([f"{target}:hard_sigmoid"], "relu").findings
    assert (found.call, found.status) == ("relu(x)", "wrong")


@pytest.mark.parametrize("target", ["nopackage", "nopackage.module", "no/such/folder", "os.path.x"])
def test_a_target_that_is_not_there_is_refused_in_a_sentence(target: str) -> None:
    with pytest.raises(UsageError, match=f"no package, module or file '{target}': give one that"):
        list(docstrings(target))
    with pytest.raises(UsageError, match="has no docstring to check"):
        list(docstrings("json:nothing"))


def test_packages_are_found_without_being_imported(tmp_path: Path, monkeypatch: Any) -> None:
    folder = tmp_path / "loud"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('imported')\n", encoding="utf-8")
    (folder / "inner.py").write_text('def gelu(x):\n    """`gelu(x) = x`"""\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (only,) = documentation.check(["loud"]).findings
    assert (only.docstring.name, only.status) == ("loud.inner.gelu", "wrong")


def test_inputs_go_by_the_names_of_the_framework_and_of_the_field() -> None:
    keras = Docstring("keras.losses.huber", Path("x"), 1, "", ("y_true", "y_pred", "delta"))
    (about,) = subjects(keras)
    assert claim(about, {"y_true", "y_pred", "delta"}) == "huber(y_pred, y_true, delta=delta)"
    torch = Docstring("torch.nn.modules.loss.KLDivLoss", Path("x"), 1, "", ())
    assert [s.function.name for s in subjects(torch)] == ["kl_div", "kl_div_log_target"]
    with pytest.raises(UnreadableError, match="q and r: no input of huber"):
        claim(about, {"y_true", "y_pred", "q", "r"})
    with pytest.raises(UnreadableError, match="it does not name target of huber"):
        claim(about, {"y_pred"})


# ---------------------------------------------------------------- frameworks


def frameworks() -> list[str]:
    return sorted({r.name.partition(".")[0] for r in by_hand.all_readings()})


@pytest.mark.parametrize("framework", frameworks())
def test_what_was_read_by_hand_stands_in_the_documentation_it_was_read_in(framework: str) -> None:
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed: its readings cannot be compared with it")
    installed = importlib.metadata.version(framework).partition("+")[0]
    if installed != by_hand.read_in(framework):
        pytest.skip(f"{framework} {installed} is installed, {by_hand.read_in(framework)} was read")
    own = [r for r in by_hand.all_readings() if r.name.startswith(f"{framework}.")]
    modules = sorted({r.name.rpartition(".")[0] for r in own})
    stand = {
        (d.name, r.fingerprint)
        for module in modules
        for d in docstrings(module)
        for _, r in by_hand.readings(d)
    }
    assert {(r.name, r.fingerprint) for r in own} <= stand


def test_every_reading_is_a_formula_that_can_be_judged() -> None:
    for reading in by_hand.all_readings():
        known = {one.name: one.value for one in inputs(reading.call)}
        read(reading.text, known, (reading.call.partition("(")[0],))
        assert len(reading.fingerprint) == 12


def test_a_reading_whose_page_has_changed_is_out_of_date(tmp_path: Path) -> None:
    reading = next(r for r in by_hand.all_readings() if r.name.endswith(".GELU"))
    changed = Docstring(reading.name, tmp_path, 1, "GELU\n\n.. math:: x \\Phi(x)", ())
    assert reading in by_hand.outdated(changed)
    assert not list(by_hand.readings(changed))
    findings = list(documentation._of_docstring(changed, ""))
    assert f"it is no more what was read as {reading.text!r}: read it again" in [
        f.why for f in findings
    ]


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        (
            "optax.losses._classification:softmax_cross_entropy_with_integer_labels",
            "-1 times the book's: the sign is lost",
        ),
        (
            "torch.nn.modules.loss:MultiLabelSoftMarginLoss",
            "it gives a number for each entry of a row, and the book one number for the row",
        ),
    ],
)
def test_known_mistakes_of_frameworks_are_found_with_a_number(target: str, wrong: str) -> None:
    framework = target.partition(".")[0]
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    if importlib.metadata.version(framework).partition("+")[0] != by_hand.read_in(framework):
        pytest.skip(f"this {framework} is another version than the one that was read")
    (found,) = (f for f in documentation.check([target]).findings if f.status == "wrong")
    assert found.comparison is not None
    assert found.comparison.difference is not None
    assert found.comparison.relation == wrong


# ---------------------------------------------------------------- markers

RST = """Title

.. ulpian: gelu

.. math::
   :label: one

   {0}.

Text.

.. ulpian: relu

Inline :math:`{1}` here.
"""
RELU = statements.formula(find("relu")).latex


def marked(folder: Path, name: str, text: str) -> marking.Outcome:
    file = folder / name
    file.write_bytes(text.encode())
    return marking.check([str(file)])


def mended(folder: Path, name: str, text: str) -> str:
    """What a file is after --fix; a second one changes nothing."""
    marking.mend(marked(folder, name, text))
    again = marking.check([str(folder / name)])
    assert (again.differing, marking.mend(again)) == (0, 0)
    return (folder / name).read_bytes().decode()


def test_a_formula_that_is_right_is_left_as_it_stands(tmp_path: Path) -> None:
    loose = RST.format(GELU.replace(" = ", "\n   =  "), RELU)
    found = marked(tmp_path, "a.rst", loose)
    assert (found.count, found.differing, found.problems) == (2, 0, ())


def test_a_formula_that_differs_is_shown_and_mended_and_nothing_else(tmp_path: Path) -> None:
    wrong = RST.format("x", "y")
    found = marked(tmp_path, "a.rst", wrong)
    assert found.differing == 2
    assert "-   x.\n" in marking.diff(found)
    assert f"+   {GELU}.\n" in marking.diff(found)
    assert mended(tmp_path, "a.rst", wrong) == RST.format(GELU, RELU)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.md", "<!-- ulpian: gelu -->\n$$\nx\n$$\n", f"<!-- ulpian: gelu -->\n$$\n{GELU}\n$$\n"),
        ("a.md", "<!-- ulpian: gelu -->\n\n$$x$$\n", f"<!-- ulpian: gelu -->\n\n$${GELU}$$\n"),
        (
            "a.md",
            "<!-- ulpian: gelu --> so $x$, and $y$",
            f"<!-- ulpian: gelu --> so ${GELU}$, and $y$",
        ),
        ("a.md", "so $x$ <!-- ulpian: gelu -->\n", f"so ${GELU}$ <!-- ulpian: gelu -->\n"),
        (
            "a.md",
            "<!-- ulpian: gelu -->\n```math\nx\ny\n```\n",
            f"<!-- ulpian: gelu -->\n```math\n{GELU}\n```\n",
        ),
        (
            "a.md",
            "<!-- ulpian: relu -->\n`x`\n",
            "<!-- ulpian: relu -->\n`relu(x) = Max(0, x)`\n",
        ),
        (
            "a.md",
            "<!-- ulpian: relu -->\n```python\nx\n```\n",
            "<!-- ulpian: relu -->\n```python\nrelu(x) = Max(0, x)\n```\n",
        ),
        ("a.rst", ".. ulpian: gelu\n.. math:: x\n", f".. ulpian: gelu\n.. math:: {GELU}\n"),
        ("a.tex", "% ulpian: gelu\n\\[ x, \\]\n", f"% ulpian: gelu\n\\[ {GELU}, \\]\n"),
        (
            "a.tex",
            "% ulpian: gelu\n\\begin{equation}\\label{g}\n  x\n\\end{equation}\n",
            f"% ulpian: gelu\n\\begin{{equation}}\\label{{g}}\n  {GELU}\n\\end{{equation}}\n",
        ),
        ("a.py", "# ulpian: relu\n# x\n", "# ulpian: relu\n# relu(x) = Max(0, x)\n"),
        ("a.py", "# ulpian: gelu\n# so $x$.\n", f"# ulpian: gelu\n# so ${GELU}$.\n"),
        (
            "a.py",
            'def f():\n    r"""F.\n\n    .. ulpian: gelu\n    .. math::\n\n        x\n    """\n',
            'def f():\n    r"""F.\n\n    .. ulpian: gelu\n    .. math::\n\n        '
            f'{GELU}\n    """\n',
        ),
        (
            "a.py",
            '"""F.\n\n.. ulpian: gelu\n.. math:: x\n"""\n',
            '"""F.\n\n.. ulpian: gelu\n.. math:: ' + GELU.replace("\\", "\\\\") + '\n"""\n',
        ),
    ],
)
def test_the_formula_is_written_in_the_syntax_around_it(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    assert mended(tmp_path, name, before) == after


def test_line_ends_encodings_and_permissions_stay(tmp_path: Path) -> None:
    windows = RST.format("x", "y").replace("\n", "\r\n")
    assert mended(tmp_path, "a.rst", windows) == RST.format(GELU, RELU).replace("\n", "\r\n")
    mark = "\ufeff# ulpian: relu\n# x\n"
    assert mended(tmp_path, "a.py", mark) == "\ufeff# ulpian: relu\n# relu(x) = Max(0, x)\n"
    file = tmp_path / "a.tex"
    file.write_bytes("% ulpian: gelu\n\\[ x \\]\nGrüße\n".encode("latin-1"))
    file.chmod(0o640)
    marking.mend(marking.check([str(file)]))
    assert file.read_bytes() == f"% ulpian: gelu\n\\[ {GELU} \\]\nGrüße\n".encode("latin-1")
    assert file.stat().st_mode & 0o777 == 0o640


def test_markers_ask_for_gradients_identities_and_notation() -> None:
    gelu, softplus = find("gelu"), find("softplus")
    assert statement("gelu gradient") == statements.gradients(gelu)[0]
    assert statement("softplus gradient beta").label == "beta"
    assert statement("gelu second") == statements.second(gelu)[0]
    assert statement("gelu identity odd part").label == "odd part"
    phi = statements.gradients(gelu, Notation(normal="phi"))[0]
    assert statement("gelu gradient normal=phi") == phi
    assert statement("softplus value log=ln") == statements.formula(softplus, Notation(log="ln"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("sofplus", "unknown function 'sofplus': did you mean softplus?"),
        ("", "the marker names no function: write ulpian: gelu"),
        ("gelu grdient", "unknown quantity 'grdient' of gelu: did you mean gradient?"),
        ("gelu banana", "unknown quantity 'banana' of gelu: choose one of value, gradient, second"),
        ("softplus gradient gamma", "softplus has no gradient 'gamma': choose one of 'x', 'beta'"),
        ("gelu identity even", "gelu has no identity 'even': choose one of 'odd part'"),
        ("gelu value x", "gelu value takes no name, and 'x' is given"),
        ("gelu log=lg", "notation log=lg: choose log or ln"),
        ("gelu font=big", "unknown notation 'font': choose one of sigmoid, normal, log, target"),
    ],
)
def test_a_marker_that_asks_for_nothing_there_is_gets_a_sentence(
    tmp_path: Path, asked: str, sentence: str
) -> None:
    found = marked(tmp_path, "a.md", f"one\n\n<!-- ulpian: {asked} -->\n$$x$$\n")
    (problem,) = found.problems
    assert problem.where.endswith("a.md:3")
    assert problem.sentence.startswith(sentence)
    assert found.count == 0


def test_a_marker_without_a_formula_and_a_broken_file_get_a_sentence(tmp_path: Path) -> None:
    (problem,) = marked(tmp_path, "a.rst", ".. ulpian: gelu\n\nWords only.\n").problems
    assert problem.sentence.startswith(
        "no formula beside the marker of 'gelu': put one on its line"
    )
    (problem,) = marked(tmp_path, "a.rst", "Words\n\n.. ulpian: gelu").problems
    assert problem.sentence.startswith("no formula beside the marker")
    (problem,) = marked(tmp_path, "a.py", "def (:  # ulpian: gelu\n").problems
    assert problem.sentence == "it is no Python that can be parsed, and it holds a marker"
    (problem,) = marked(tmp_path, "a.ipynb", "{ulpian: }").problems
    assert problem.sentence == "it is no notebook that can be read, and it holds a marker"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "<!-- ulpian: gelu -->\n<!-- ulpian: relu -->\n$$x$$\n"),
        ("a.md", "<!-- ulpian: gelu -->\n$$x\n\nWords.\n\n$$y$$\n"),
        ("a.md", "<!-- ulpian: gelu -->\n```\n<!-- ulpian: relu -->\n```\n"),
        ("a.tex", "% ulpian: gelu\n\\[ x\n% ulpian: relu\n\\]\n"),
        ("a.py", "# ulpian: gelu\n# ulpian: relu\n# x\n"),
    ],
)
def test_nothing_is_written_over_another_marker_or_a_paragraph(
    tmp_path: Path, name: str, text: str
) -> None:
    found = marked(tmp_path, name, text)
    assert found.problems[0].sentence.startswith("no formula beside the marker of 'gelu'")
    marking.mend(found)
    after = (tmp_path / name).read_text(encoding="utf-8")
    assert after.count("ulpian:") == text.count("ulpian:")
    assert after.startswith(text[:30])


def test_a_formula_has_one_marker(tmp_path: Path) -> None:
    found = marked(tmp_path, "a.md", "<!-- ulpian: gelu --> $x$ <!-- ulpian: relu -->\n")
    (problem,) = found.problems
    assert problem.sentence == "the formula beside it has a marker already: give each its own line"
    assert found.differing == 1


def test_what_only_looks_like_a_marker_is_none(tmp_path: Path) -> None:
    shown = "```\n<!-- ulpian: gelu -->\n```\n\n    text\n\n```math\nx\n```\n"
    assert marked(tmp_path, "a.md", shown).count == 0
    assert marked(tmp_path, "a.py", 's = "# ulpian: gelu"\n# x\n').count == 0


def test_notebooks_are_mended_where_json_gives_them_back(tmp_path: Path) -> None:
    def notebook(formula: str) -> str:
        source = ["<!-- ulpian: gelu -->\n", "$$\n", f"{formula}\n", "$$"]
        cells = [
            {"cell_type": "code", "source": ["# ulpian: gelu\n", "# x"]},
            {"cell_type": "markdown", "source": source},
        ]
        return json.dumps({"cells": cells}, indent=1, ensure_ascii=False) + "\n"

    assert mended(tmp_path, "a.ipynb", notebook("x")) == notebook(GELU)
    other = json.dumps(json.loads(notebook("x")))
    (problem,) = marked(tmp_path, "a.ipynb", other).problems
    assert problem.sentence == "its JSON is not as Jupyter writes it: mend it in Jupyter"


def test_folders_are_read_without_what_git_ignores_and_binaries(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("built/\n", encoding="utf-8")
    for name in ("docs/a.rst", "built/a.rst", ".hidden/a.rst", "docs/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(RST.format(GELU, RELU), encoding="utf-8")
    (tmp_path / "docs" / "b.md").write_bytes(b"\0<!-- ulpian: gelu -->")
    found = marking.check([str(tmp_path)])
    assert (found.files, found.count, found.ignored, found.binary) == (1, 2, 1, 1)


# ---------------------------------------------------------------- the command


def test_the_command_shows_what_differs_and_ends_so(ulpian: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.rst"
    file.write_text(RST.format("x", RELU), encoding="utf-8")
    shown = ulpian("handbook", "check", str(file))
    assert shown.code == 1
    assert f"+   {GELU}." in shown.out
    assert "ulpian: 1 file: 2 formulas beside markers, 1 differ" in shown.err
    fixed = ulpian("handbook", "check", "--fix", str(file))
    assert fixed.code == 0
    assert "1 differ, mended in 1 file" in fixed.err
    assert ulpian("handbook", "check", str(file)).code == 0
    file.write_text(".. ulpian: sofplus\n\n.. math:: x\n", encoding="utf-8")
    wrong = ulpian("handbook", "check", str(file))
    assert wrong.code == 2
    assert f"ulpian: {file}:1: unknown function 'sofplus': did you mean softplus?" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "nothing to check: name files or folders, or --docstrings PACKAGE"),
        (("--fix",), "nothing to check"),
        (("--fix", "--docstrings", "json"), "--fix writes formulas beside markers: name files"),
        (("--as", "gelu", "."), "--as says what docstrings are about: add --docstrings PACKAGE"),
        (("-v", "."), "--verbose is for docstrings: add --docstrings PACKAGE, or leave it out"),
        (("--output-format", "json", "."), "--output-format json is for docstrings alone"),
        (("no.rst",), "there is no file or folder 'no.rst': name one that exists"),
        ((__file__.replace("test_handbook_docs.py", "bad/.keep"),), "there is no file or folder"),
        (("--docstrings", "nopackage"), "no package, module or file 'nopackage'"),
        (("--docstrings", "json", "--as", "gellu"), "unknown function 'gellu': did you mean gelu"),
    ],
)
def test_a_request_that_cannot_be_served_is_one_sentence(
    ulpian: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    result = ulpian("handbook", "check", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"ulpian: {sentence}")
    assert len(result.err.splitlines()) == 1


def test_files_without_markers_are_no_verdict(ulpian: Command, tmp_path: Path) -> None:
    (tmp_path / "a.rst").write_text("Words.\n", encoding="utf-8")
    result = ulpian("handbook", "check", str(tmp_path))
    assert result.code == 2
    assert "no marker in these files: put one above a formula, as .. ulpian: gelu" in result.err
    (tmp_path / "a.html").write_text("x", encoding="utf-8")
    result = ulpian("handbook", "check", str(tmp_path / "a.html"))
    assert "is none of .rst, .md, .markdown, .py, .tex, .ipynb: name such a file" in result.err


def test_docstrings_are_told_as_text_and_json(ulpian: Command, tmp_path: Path) -> None:
    file = str(package(tmp_path, KERAS_STYLE))
    text = ulpian("handbook", "check", "--docstrings", file)
    assert text.code == 1
    assert "gives    0.7, and the book 0.6666666667" in text.out
    assert "agree: 4, proved of them: 4; wrong: 2" in text.out
    assert "not compared: 1 unreadable, 1 in LaTeX, not read" in text.out
    assert "soft_shrink" not in text.out
    assert "soft_shrink" in ulpian("handbook", "check", "--docstrings", file, "-v").out
    told = ulpian("handbook", "check", "--docstrings", file, "--output-format", "json")
    data = json.loads(told.out)
    assert data["counts"] == {"agrees": 4, "wrong": 2, "undecided": 0, "unreadable": 1, "latex": 1}
    assert {f["object"] for f in data["findings"] if "book" in f} == {
        "pkg.mish",
        "pkg.hard_sigmoid",
    }
