"""What the articles say about softmax, the log-likelihood, and the examples with numbers."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Derivative, Eq, Limit, Rational, Subs, Symbol, Tuple, exp, log, oo, symbols

from ..decide import less, same
from ..function import applied
from ..special import entry
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

softmax_, cross_entropy_, sigmoid_, categorical_cross_entropy_ = map(
    applied, ("softmax", "cross_entropy", "sigmoid", "categorical_cross_entropy")
)
a, b, c, w, h, s = symbols("a b c w h s", real=True)
r = Symbol("r", positive=True)
row = Tuple(a, b, c)
second = Tuple(0, 1, 0)


def soft(*logits: int) -> tuple[Any, ...]:
    """The softmax of a row of numbers, entry by entry."""
    return tuple(entry(softmax_(Tuple(*logits)), k) for k in range(len(logits)))


def within(number: Any, printed: str, digit: str) -> Any:
    """That a number rounds to the printed one: it is less than half a digit away."""
    return less(Abs(number - Rational(printed)), Rational(digit) / 2)


first_example, second_example = soft(3, 1, -3), soft(1, 5, 3)
normaliser = exp(3) + exp(1) + exp(-3)

claims = (
    Claim(
        "softmax-formula",
        "Softmax is e^z_i over the sum of e^z_j.",
        (at(3, 38), at(3, 41, 45)),
        PROVED,
        "The definition of the book, for a row of three.",
        holds=(Eq(entry(softmax_(row), 0), exp(a) / (exp(a) + exp(b) + exp(c))),),
        lives=("textbook.softmax",),
    ),
    Claim(
        "softmax-in-open-interval",
        "Every output of softmax lies in (0, 1).",
        (at(3, 46),),
        DEPENDS,
        "On at least two classes: with one the output is 1 whatever the input.",
        holds=(entry(softmax_(row), 0) > 0, entry(softmax_(row), 0) < 1),
        fails=(entry(softmax_(Tuple(5)), 0) < 1,),
        contradicts=("softmax-example-exact-zero",),
    ),
    Claim(
        "softmax-sums-to-1",
        "The outputs of softmax sum to 1.",
        (at(3, 46),),
        PROVED,
        "The denominator is the sum of the numerators.",
        holds=(
            Eq(sum(entry(softmax_(row), k) for k in range(3)), 1),
            Eq(sum(first_example), 1),
        ),
    ),
    Claim(
        "softmax-usual-for-classification",
        "Softmax is the usual output for classification.",
        (at(3, 47), at(3, 104), at(1, 18)),
        NOT_MATHEMATICAL,
        "A habit with a reason: the delta of softmax with the log-likelihood is softmax - target.",
        besides=(
            Eq(
                Derivative(cross_entropy_(row, second), a),
                entry(softmax_(row), 0),
            ),
        ),
    ),
    Claim(
        "softmax-example-exponentials",
        "The exponentials of 3, 1 and -3 are 20, 2.7 and 0.05.",
        (at(3, 48),),
        PROVED,
        "Each rounded to the last digit printed.",
        holds=(
            within(exp(3), "20", "1"),
            within(exp(1), "2.7", "0.1"),
            within(exp(-3), "0.05", "0.01"),
        ),
    ),
    Claim(
        "softmax-example-normaliser",
        "The sum of these exponentials is 22.75.",
        (at(3, 48),),
        REFUTED,
        "It is 22.8536; 22.75 is the sum of the numbers after they were rounded.",
        fails=(within(normaliser, "22.75", "0.01"),),
        besides=(
            within(normaliser, "22.85", "0.01"),
            same(Rational("20") + Rational("2.7") + Rational("0.05"), Rational("22.75")),
        ),
    ),
    Claim(
        "softmax-example-probabilities",
        "The softmax of (3, 1, -3) is (0.88, 0.12, 0).",
        (at(3, 48, 49),),
        PROVED,
        "Correct to two digits, in spite of the rough normaliser.",
        holds=(
            within(first_example[0], "0.88", "0.01"),
            within(first_example[1], "0.12", "0.01"),
            within(first_example[2], "0", "0.01"),
        ),
    ),
    Claim(
        "softmax-example-exact-zero",
        "The third class of that example has probability 0.",
        (at(3, 48),),
        REFUTED,
        "It has 0.0022: softmax is positive, and 0 would contradict (0, 1).",
        fails=(Eq(first_example[2], 0),),
        besides=(within(first_example[2], "0.0022", "0.0001"),),
        contradicts=("softmax-in-open-interval",),
    ),
    Claim(
        "log-likelihood-formula",
        "With softmax goes the log-likelihood loss, minus the sum of y_k log a_k.",
        (at(3, 51, 53),),
        PROVED,
        "On softmax outputs it is the book's cross-entropy on logits.",
        holds=(
            Eq(
                cross_entropy_(row, Tuple(0, 1, 0)),
                -log(entry(softmax_(row), 1)),
            ),
            Eq(
                cross_entropy_(row, Tuple(Rational(1, 4), Rational(1, 4), Rational(1, 2))),
                -(log(entry(softmax_(row), 0)) + log(entry(softmax_(row), 1))) / 4
                - log(entry(softmax_(row), 2)) / 2,
            ),
        ),
    ),
    Claim(
        "log-likelihood-one-term",
        "Because one target is 1 and the others are 0, the loss is -log a_i for the true class i.",
        (at(3, 55, 57), at(3, 59)),
        DEPENDS,
        "On hard targets; with label smoothing all classes contribute.",
        holds=(Eq(cross_entropy_(row, second), -log(entry(softmax_(row), 1))),),
        fails=(
            Eq(
                cross_entropy_(
                    Tuple(0, 1, 3), Tuple(Rational(1, 10), Rational(8, 10), Rational(1, 10))
                ),
                -log(entry(softmax_(Tuple(0, 1, 3)), 1)),
            ),
        ),
    ),
    Claim(
        "log-likelihood-of-true-class-only",
        "That loss depends on the output of the true class only.",
        (at(3, 60),),
        DEPENDS,
        "On softmax outputs taken as free, yes; each of them depends on all the inputs.",
        holds=(Eq(cross_entropy_(row, second), -log(entry(softmax_(row), 1))),),
        fails=(Eq(cross_entropy_(Tuple(0, 1, 0), second), cross_entropy_(Tuple(2, 1, 0), second)),),
    ),
    Claim(
        "other-classes-have-no-gradient",
        "The gradient for neurons of the classes that are not the label is 0.",
        (at(3, 60),),
        REFUTED,
        "It is a_j, positive: the article's own example has 0.015 and 0.117 there.",
        fails=(
            Eq(
                Subs(Derivative(cross_entropy_(row, second), a), (a, b, c), (1, 5, 3)),
                0,
            ),
        ),
        besides=(
            Eq(Derivative(cross_entropy_(row, second), a), entry(softmax_(row), 0)),
            Eq(Derivative(cross_entropy_(row, second), c), entry(softmax_(row), 2)),
            entry(softmax_(row), 0) > 0,
        ),
        contradicts=("softmax-example-gradient",),
    ),
    Claim(
        "softmax-weight-gradient",
        "The gradient in a weight of the true class is (a_i - 1) times the unit it comes from.",
        (at(3, 60, 63),),
        PROVED,
        "With z_i = w h + s, by the chain rule.",
        holds=(
            Eq(
                Derivative(cross_entropy_(Tuple(a, w * h + s, c), second), w),
                (entry(softmax_(Tuple(a, w * h + s, c)), 1) - 1) * h,
            ),
        ),
        lives=("rules.softmax-log-likelihood",),
    ),
    Claim(
        "softmax-slope-of-own-entry",
        "The derivative of a_i in its own z_i is a_i (1 - a_i).",
        (at(3, 62),),
        PROVED,
        "By the quotient rule, the middle lines of the derivation.",
        holds=(
            Eq(
                Derivative(entry(softmax_(row), 0), a),
                entry(softmax_(row), 0) * (1 - entry(softmax_(row), 0)),
            ),
        ),
    ),
    Claim(
        "softmax-bias-gradient",
        "The gradient in the bias of the true class is a_i - 1.",
        (at(3, 64, 67),),
        PROVED,
        "The bias enters z_i with factor 1.",
        holds=(
            Eq(
                Derivative(cross_entropy_(Tuple(a, w * h + s, c), second), s),
                entry(softmax_(Tuple(a, w * h + s, c)), 1) - 1,
            ),
        ),
        lives=("rules.softmax-log-likelihood",),
    ),
    Claim(
        "softmax-gradient-simple",
        "Going backwards through softmax is as simple as going forwards.",
        (at(3, 50), at(3, 68, 69)),
        PROVED,
        "With this loss it is a subtraction; the gradients of all classes sum to 0.",
        holds=(
            Eq(Derivative(cross_entropy_(row, second), b), entry(softmax_(row), 1) - 1),
            Eq(
                Derivative(cross_entropy_(row, second), a)
                + Derivative(cross_entropy_(row, second), b)
                + Derivative(cross_entropy_(row, second), c),
                0,
            ),
        ),
        contradicts=("cross-entropy-complex-gradient",),
    ),
    Claim(
        "softmax-does-not-slow",
        "With softmax and log-likelihood training is not slowed by a small slope.",
        (at(3, 68),),
        PROVED,
        "The more wrong the output, the nearer the gradient is to -1; it vanishes at the "
        "target only.",
        holds=(
            Eq(Limit(Derivative(cross_entropy_(row, second), b), b, -oo), -1),
            Eq(Limit(Derivative(cross_entropy_(row, second), b), b, oo), 0),
        ),
    ),
    Claim(
        "softmax-example-second",
        "The softmax of (1, 5, 3) is (0.015, 0.866, 0.117).",
        (at(3, 68),),
        DEPENDS,
        "On cutting off the digits; rounded it is (0.016, 0.867, 0.117).",
        holds=(
            second_example[0] >= Rational("0.015"),
            second_example[0] < Rational("0.016"),
            second_example[1] >= Rational("0.866"),
            second_example[1] < Rational("0.867"),
            within(second_example[2], "0.117", "0.001"),
        ),
        fails=(
            within(second_example[0], "0.015", "0.001"),
            within(second_example[1], "0.866", "0.001"),
        ),
        besides=(
            within(second_example[0], "0.016", "0.001"),
            within(second_example[1], "0.867", "0.001"),
        ),
    ),
    Claim(
        "softmax-example-printed-sum",
        "The printed probabilities of that example sum to 1.",
        (at(3, 46), at(3, 68)),
        REFUTED,
        "0.015 + 0.866 + 0.117 = 0.998: what cutting off leaves.",
        fails=(same(Rational("0.015") + Rational("0.866") + Rational("0.117"), 1),),
        besides=(Eq(sum(second_example), 1),),
    ),
    Claim(
        "softmax-example-gradient",
        "For the second class the gradient of that example is (0.015, 0.866 - 1, 0.117).",
        (at(3, 68),),
        PROVED,
        "As a rule, softmax - target, exactly; the digits are those of the truncated example.",
        holds=tuple(
            Eq(
                Subs(Derivative(cross_entropy_(row, second), z), (a, b, c), (1, 5, 3)),
                second_example[k] - second[k],
            )
            for k, z in enumerate((a, b, c))
        ),
        contradicts=("other-classes-have-no-gradient",),
    ),
    Claim(
        "softmax-of-two-is-sigmoid",
        "For two classes softmax regression is logistic regression, so cross-entropy serves both.",
        (at(1, 18), at(1, 64)),
        PROVED,
        "The softmax of (z, 0) is the sigmoid of z.",
        holds=(Eq(entry(softmax_(Tuple(a, 0)), 0), sigmoid_(a)),),
    ),
    Claim(
        "categorical-formula",
        "For several classes the loss is minus the sum over classes of y_c log of the prediction.",
        (at(4, 65, 66),),
        PROVED,
        "The book's categorical cross-entropy on probabilities, shown for three classes.",
        holds=(
            Eq(
                categorical_cross_entropy_(Tuple(a, b, c), Tuple(w, h, s)),
                -(w * log(a) + h * log(b) + s * log(c)),
            ),
        ),
    ),
)
