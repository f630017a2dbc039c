"""Every sweep and hunt of a backend, and its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ...reference.formats import FORMATS, USUAL
from ...spec.catalogue import chapter
from ..files import shown
from ..hunting.hunted import Hunted, Limits, Wanted, hunted
from ..seeds import SEED
from ..sweeps.engines import Local
from ..sweeps.plan import WIDEST, Plan, Request, plan
from ..sweeps.result import Result
from ..sweeps.store import Store, described
from ..sweeps.store import folder as store_folder
from ..sweeps.sweep import Progress, sweep
from ..targets.target import resolve
from ..targets.versions import version
from ..usage import UsageError
from .adding import add
from .page import Page, differences, read

QUANTITIES = ("value", "gradient")
FIXED = {"weight": Fraction(1, 4), "slope": Fraction(1, 4)}
"""At what functions of two variables are swept over the first: PyTorch's own first weight."""
HUNT = Limits(evaluations=50_000_000)
"""How long a hunt is: in inputs, so that it can be made again."""

Said = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """What came of one format.

    `place` is where the page lies, None where there is no result to make one of. `left_out` has a
    sentence for each function or derivative that was not judged, `failures` one for each in which
    the code gave no answer somewhere, and which has no place on the page for that.
    """

    fmt: str
    page: Page | None = None
    place: Path | None = None
    left_out: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def functions(target: str) -> tuple[str, ...]:
    """The activations that a target has and that work element by element, by their names there.

    All of its functions that do where it has none of the book's activations. `UsageError` where
    there is nothing to sweep.
    """
    resolved = resolve(target, probe=False)
    found, own = resolved.functions, {f.name for f in chapter("activations")}
    single = [n for n, f in found.items() if not f.along_axis and n not in resolved.missing]
    chosen = [name for name in single if found[name].name in own] or single
    if not chosen:
        raise UsageError(f"{target!r} has no function of single numbers: nothing can be swept")
    return tuple(chosen)


@dataclass(frozen=True)
class Making:
    """How pages are made: anew where they were made in another environment.

    The value and the gradient of `select` (all activations where that is empty) are swept by `jobs`
    processes; in formats too wide for that, each is hunted up to `hunt`. With `resume` what an
    earlier run has finished is not done again. Pages are written in `folder`.
    """

    folder: Path
    select: Sequence[str] = ()
    jobs: int = 1
    resume: bool = False
    hunt: Limits = HUNT

    def of(
        self,
        target: str,
        formats: Sequence[str] = USUAL,
        *,
        progress: Progress | None = None,
        say: Said = lambda _: None,
    ) -> Iterator[Done]:
        """Make the pages of a backend, format by format; each is written when it is done.

        Raises `UsageError` where nothing can be judged in any of the formats, and `FileError` where
        nothing can be written.
        """
        nothing: list[Done] = []
        if self.select:
            self._refuse_other_pages(target, formats)
        for fmt in formats:
            try:
                request = self._request(target, fmt)
                if request.hunt:
                    yield self._hunted(request, say)
                else:
                    yield self._swept(request, progress)
            except UsageError as reason:
                nothing.append(Done(fmt, left_out=(str(reason),)))
        if len(nothing) == len(formats):
            raise UsageError(nothing[0].left_out[0])
        yield from nothing

    def _refuse_other_pages(self, target: str, formats: Sequence[str]) -> None:
        """Refuse to add a few functions to a page of another environment, before the work."""
        here = described(resolve(target))
        for fmt in formats:
            place = self.folder / Page(target, version(target), fmt, here).file_name
            if not place.exists():
                continue
            for name, theirs, ours in differences(read(place).environment, here):
                raise UsageError(
                    f"{shown(place)} was made with {name} {theirs}, and here is {ours}: leave out "
                    "--select to make it anew, or name another folder"
                )

    def _request(self, target: str, fmt: str) -> Request:
        named = tuple(self.select) or functions(target)
        known = resolve(target, probe=False).functions
        inputs = {v.name for name in named if name in known for v in known[name].variables[1:]}
        fixed = {name: value for name, value in FIXED.items() if name in inputs}
        wide = FORMATS[fmt].bits > WIDEST
        return Request(target, select=named, quantities=QUANTITIES, fmt=fmt, fixed=fixed, hunt=wide)

    def _swept(self, request: Request, progress: Progress | None) -> Done:
        run = sweep(request, Local(self.jobs), store=_store, resume=self.resume, progress=progress)
        done = self._kept(request.fmt, run.results, run.left_out)
        if not run.complete:
            raise KeyboardInterrupt
        return done

    def _hunted(self, request: Request, say: Said) -> Done:
        """The page is written after each hunt: one of them takes as long as a sweep."""
        planned = plan(request)
        results, left_out = list[Result](), list(planned.left_out)
        for one in planned.sweeps:
            for found in self._hunt(replace(planned, sweeps=(one,)), say):
                if found.refused and not found.result.failures:
                    left_out.append(found.refused)
                else:
                    results.append(found.result)
                done = self._kept(request.fmt, results, left_out)
                if found.interrupted:
                    raise KeyboardInterrupt
        if not results:
            raise UsageError(f"nothing to hunt in {request.target!r}: {'; '.join(left_out[:3])}")
        return done

    def _hunt(self, one: Plan, say: Said) -> Iterator[Hunted]:
        """One hunt: that which was kept, or a new one."""
        wanted = Wanted(self.hunt, SEED, None, resume=self.resume)
        try:
            yield from hunted(one, wanted, say)
        except UsageError:
            if not self.resume:
                raise
            yield from hunted(one, replace(wanted, resume=False), say)

    def _kept(self, fmt: str, results: Sequence[Result], left_out: Sequence[str]) -> Done:
        """Put on the page what is complete."""
        whole = [result for result in results if result.complete]
        failures = tuple(f"{r.name}: {said}" for r in results for said in r.failures)
        for place, page in add(whole, self.folder, anew=not self.select):
            return Done(fmt, page, place, tuple(left_out), failures)
        return Done(fmt, left_out=tuple(left_out), failures=failures)


def _store(planned: Plan, described: Mapping[str, str]) -> Store | None:
    """Where finished parts are kept: the folder of sweeps in the user's cache."""
    place = store_folder(None)
    return None if place is None else Store(place, planned.target, described)
