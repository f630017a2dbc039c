"""`ulpian eval`: the certified truth at a point."""

from __future__ import annotations

import click

from ..console import NO_VERDICT, definition, format_named, put, refusing


class _Numbers(click.Command):
    """A command whose arguments may be negative numbers, which are no options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from ..numerals import number

        options, plain, words = [], list[str](), iter(args)
        for word in words:
            if word == "--":
                plain += words
            elif not word.startswith("-") or number(word) is not None:
                plain.append(word)
            else:
                options.append(word)
                if self._takes_value(word):
                    value = next(words, None)
                    if value is None:  # click says what is missing
                        return super().parse_args(ctx, options)
                    options.append(value)
        return super().parse_args(ctx, [*options, "--", *plain] if plain else options)

    def _takes_value(self, word: str) -> bool:
        options = (p for p in self.params if isinstance(p, click.Option) and not p.is_flag)
        return any(word in p.opts for p in options)


@click.command("eval", cls=_Numbers)
@click.argument("function", metavar="FUNCTION")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option(
    "--format",
    "fmt",
    metavar="FMT",
    default="float32",
    show_default=True,
    help="float8_e4m3fn, float8_e5m2, float16, bfloat16, float32 or float64.",
)
@click.option("--grad", is_flag=True, help="The gradients, too.")
@click.option("--second", is_flag=True, help="The second derivative in the first variable, too.")
@click.option("-p", "parameters", metavar="NAME=VALUE", multiple=True, help="A parameter.")
@click.option("--target", metavar="ROW", help="For a loss along an axis: the targets, 0,1,0.")
@click.option(
    "--with",
    "others",
    metavar="NAME=ROW",
    multiple=True,
    help="Along an axis, another input by its name: positive=1,2,3; repeatable.",
)
def command(
    function: str,
    numbers: tuple[str, ...],
    fmt: str,
    grad: bool,
    second: bool,
    parameters: tuple[str, ...],
    target: str | None,
    others: tuple[str, ...],
) -> int:
    """The certified truth at a point: decimal, hexadecimal, bits, and 20 digits.

    Numbers are decimal, hexadecimal (0x1.6p+2), nan or inf. A function of several variables takes
    them in order, point after point; along an axis the numbers are one row, and those of a matrix
    several: 1,2,3 4,5,6.
    """
    found, chosen = definition(function), format_named(fmt)
    from ..book.evaluation import evaluation
    from ..usage import UsageError

    with refusing(UsageError):
        text, decided = evaluation(
            found,
            numbers,
            chosen,
            parameters=parameters,
            target=target,
            others=others,
            grad=grad,
            second=second,
        )
    put(text)
    return 0 if decided else NO_VERDICT
