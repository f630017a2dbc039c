"""A small book by hand: every kind of block and piece, and text that looks like markup."""

from __future__ import annotations

from ulpian.checks.handbook.document import (
    Book,
    Chapter,
    Cite,
    Code,
    Display,
    Figure,
    Foreign,
    Items,
    Link,
    Listing,
    Math,
    Page,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
)
from ulpian.checks.handbook.plot import Curve, Plot

NASTY = 'a < b & "c" > \'d\' <script>alert("&amp;")</script>'
PLOT = Plot((Curve((0.0, 1.0), (0.0, 1.0), r"\operatorname{ramp}(x)"),))
LINE = "# " + "long " * 60
WIDE = " + ".join(rf"\frac{{x^{{{k}}}}}{{{k}!}}" for k in range(1, 30))

RAMP = Page(
    "ramp",
    ("Ramp ", Foreign("斜坡函数"), " & co"),
    (
        Section(
            "ramp-definition",
            ("Definition of ", Code("ramp")),
            (
                Display(
                    r"\operatorname{ramp}(x) = \begin{cases} x & \text{if } x > 0 \\ "
                    r"0 & \text{otherwise} \end{cases}",
                    "ramp(x) = Piecewise((x, x > 0), (0, True))",
                    id="ramp-formula",
                    note=(
                        "proved by SymPy, see ",
                        Cite("knuth1997", "section 4.2 <b>", "Knuth 1997"),
                    ),
                ),
                Display(WIDE, "x + x**2/2! + …"),
                Paragraph(("In a line ", Math(WIDE, "x + …"), ", which is long.")),
                Paragraph(
                    ("So ", Math("x < 0", "x < 0"), " gives nothing, ", Strong("never"), " more.")
                ),
                Section(
                    "ramp-deeper",
                    ("Deeper, with a ", Link("hill", "link")),
                    (
                        Items((("one",), ("two ", Link("ramp-formula", "the formula")))),
                        Listing("def ramp(x):\n    return x if x > 0 else 0\n" + LINE),
                        Section("ramp-deepest", ("Deepest",), (Paragraph(("The end.",)),)),
                    ),
                ),
            ),
        ),
        Section(
            "ramp-picture",
            (NASTY,),
            (
                Figure("ramp", ("The ramp: ", Math("x", "x")), "A line that rises from 0.", PLOT),
                Terms(((("slope",), ("1",)), ((Math("x_0", "x0"),), ("the ", Code("kink"))))),
            ),
        ),
        Section(
            "ramp-table",
            ("Levels",),
            (
                Table(
                    ("The levels of ", Code("ramp")),
                    (("backend",), ("level",), ("error",), ("note",)),
                    (
                        (("one",), ("accurate",), ("10",), ("long text that is prose",)),
                        (("two",), ("exact",), ("9.5",), ()),
                        ((NASTY,), ("unsound",), ("oo",), (Link("https://example.org/", "out"),)),
                    ),
                    columns="lcrp",
                    sortable=True,
                ),
                Table(("Plain",), (("a",), ("b",)), ((("1",), ("2",)),)),
            ),
        ),
    ),
    summary=NASTY,
    facets=(("parity", "neither"), ("slope", "1"), ("torch", "accurate")),
    words=("relu", "torch.nn.functional.ramp(x)", "斜坡函数"),
)
HILL = Page(
    "hill",
    ("Hill",),
    (Paragraph(("Nothing yet, but see ", Link("ramp-deeper", "the ramp"), ".")),),
    facets=(("parity", "even"), ("slope", "-2.5"), ("torch", "exact"), ("zeros", "0")),
)
LONG = Page("long_name", ("A page that is no function's",), (Paragraph(("Words.",)),))

CHAPTERS = (
    Chapter("shapes", "Shapes & <forms>", (Paragraph(("What there is.",)),), (RAMP, HILL, LONG)),
    Chapter(
        "works",
        "Works",
        (
            Paragraph(("See ", Cite("knuth1997"), ".")),
            Terms((((Code("knuth1997"),), ("The Art.",)),), (Cite("knuth1997").to,)),
        ),
    ),
)
BOOK = Book("Shapes: a <sample>", CHAPTERS, ("Made by ", Code("hand"), "."))
