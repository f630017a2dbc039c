"""The pytest plugin: options, readable ids, and a backend judged without any test file.

    pytest --ulpian torch --ulpian-select gelu -k grad

Nothing of Ulpian is imported before a verdict is asked for, and nothing is set in the user's
session: no Hypothesis profile, no error state, no default dtype.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

_STACK = pytest.StashKey[ExitStack]()

# Options that stand for arguments of `cases`: name, whether it may be repeated, and what it says.
_OPTIONS = {
    "select": (True, "PATTERN", "functions, properties or function:property, with wildcards"),
    "format": (True, "FMT", "float8_e4m3fn, float8_e5m2, float16, bfloat16, float32 or float64"),
    "require": (False, "LEVEL", "level below which a verdict fails"),
    "profile": (False, "NAME", "smoke, default or thorough"),
    "seed": (False, "N", "of everything random"),
    "limit": (False, "SECONDS", "time for one call of the code under test"),
    "timeout": (False, "TIME", "for all verdicts of this process (90s, 20m): then none is begun"),
    "ledger": (False, "FILE", "recorded verdicts: what it holds is an expected failure"),
}
_KINDS = {"seed": int, "limit": float}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ulpian", "activation and loss functions, judged by the law book")
    group.addoption(
        "--ulpian",
        action="append",
        default=[],
        metavar="TARGET",
        help="judge a backend or a module without a test file; repeatable",
    )
    for name, (repeated, metavar, what) in _OPTIONS.items():
        said = f"{what}; repeatable" if repeated else what
        action: dict[str, Any] = {"action": "append"} if repeated else {}
        if name in _KINDS:
            action["type"] = _KINDS[name]
        group.addoption(f"--ulpian-{name}", metavar=metavar, help=said, **action)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group(name): tests that one process runs")
    given = {name: config.getoption(f"ulpian_{name}") for name in _OPTIONS}
    given = {name: value for name, value in given.items() if value is not None}
    if not given:
        return
    from .testing.asked import deadline, options

    if "format" in given:
        given["formats"] = given.pop("format")
    for name in ("select", "formats"):
        if name in given:
            parts = (part.strip() for text in given[name] for part in text.split(","))
            given[name] = tuple(part for part in parts if part)
    if "timeout" in given:
        given["deadline"] = deadline(given["timeout"])
        if given["deadline"] is None:
            raise pytest.UsageError(
                f"--ulpian-timeout {given['timeout']!r} is no time: write 90s, 20m or 1h30m"
            )
    stack = config.stash[_STACK] = ExitStack()
    stack.enter_context(options(given))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STACK in config.stash:
        config.stash[_STACK].close()


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:
    return str(val) if _is_hearing(val) else None


def _is_hearing(value: object) -> bool:
    module = sys.modules.get(f"{__package__}.testing.docket")
    return module is not None and isinstance(value, module.Hearing)


def _is_refusal(value: object) -> bool:
    module = sys.modules.get(f"{__package__}.usage")
    return module is not None and isinstance(value, module.UsageError)


# ---------------------------------------------------------------- without a test file


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where a target is named and no file is, the files of the folder are not meant."""
    alone = config.getoption("ulpian") and config.args_source is not config.ArgsSource.ARGS
    return True if alone else None


@pytest.hookimpl(tryfirst=True)  # so that -k and -m see the items
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    for target in config.getoption("ulpian"):
        items += session.genitems(_Target.from_parent(session, name=target, nodeid=target))
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {}).values()
        for hearing in [getattr(item, "hearing", None), *values]:
            if _is_hearing(hearing):  # for `pytest -n 4 --dist loadgroup`
                item.add_marker(pytest.mark.xdist_group(hearing.group))


class _Target(pytest.Collector):
    """A target named on the command line."""

    def collect(self) -> list[Any]:
        from .testing.docket import cases

        return [_Item.from_parent(self, name=str(h), hearing=h) for h in cases(self.name)]

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        return str(excinfo.value) if _is_refusal(excinfo.value) else super().repr_failure(excinfo)


class _Item(pytest.Item):
    """A verdict to come."""

    def __init__(self, *, hearing: Any, **named: Any) -> None:
        super().__init__(**named)
        self.hearing = hearing

    def runtest(self) -> None:
        verdict = self.hearing.judge()
        self.user_properties += [
            (name, str(getattr(verdict, name))) for name in ("level", "points")
        ]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, AssertionError):
            return str(excinfo.value)  # the finding says it all
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"
