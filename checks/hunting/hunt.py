"""The search for the worst input.

First the inputs that are known to be bad somewhere, and those where errors live; then every binade,
at so many places that nothing as wide as 2**-10 of it is missed; then again and again the parts
that promise most, cut into smaller ones, with some looks elsewhere. What is found is asked again
from the oracle: only its figure is told. What is tried depends on the seed alone, never on time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from ...reference.formats import Floats
from ...reference.local.pieces import Piece
from ..points import points
from . import windows
from .cells import REACH, Cells, around, parts, window
from .track import Track
from .windows import POINTS, Seen, Window

DENSE, SPARSE = 1 << 11, 1 << 6  # places in each binade: of one line, of each of many
BINADES = 16  # of either sign, scanned at a time
USUAL = 128  # binades around 1 that are scanned before the search begins
TURNS = 2  # rounds of the search for each further step of the scan
ROUND = 128  # windows looked at in one go: as many as pay for their call
EXPLORED = 16  # of them elsewhere than where most is promised
AROUND = 32  # of them at most around what was found
ASKED = 4  # of a round, candidates that the oracle is asked about
FIRST = 8  # lines, where there are many, before the search begins
LINES = 4  # rounds of the search for each further line
SINGLES = 256  # inputs of a scan's step that only the oracle can judge
TRUSTED = 0.9  # what an error must be of what its window told, or the piece is not believed


@dataclass(frozen=True)
class Found:
    """An input and its error, in ulps, as the oracle tells it; the other variables' values."""

    error: float
    bits: int
    observed: float
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """An improvement: after so many points and seconds, and by which part of the search."""

    points: int
    seconds: float
    by: str
    found: Found


@dataclass
class Hunt:
    """A hunt under way; all of it that outlives the process is in `state`."""

    tracks: list[Track]
    seed: int
    points: int = 0
    seconds: float = 0.0  # of earlier runs of the same hunt
    scanned: int = 0  # binades of the newest track
    rounds: int = 0
    lines: int = 1  # scanned or under way
    unproven: int = 0
    best: Found | None = None
    history: list[Step] = field(default_factory=list)
    regions: dict[int, tuple[Found, int]] = field(default_factory=dict)
    cells: Cells = field(default_factory=Cells)
    near: list[tuple[int, Window]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([self.seed, 17])
        fmt = self.tracks[0].fmt
        self.order = sorted(range(2 * fmt.emax + 1), key=lambda b: (abs(b - fmt.emax), b))

    @property
    def track(self) -> Track:
        return self.tracks[-1]

    @property
    def spent(self) -> float:
        """Seconds of all its runs."""
        return self.seconds + time.monotonic() - self.started

    @property
    def many(self) -> bool:
        """Whether further variables are open, and so there are more lines than one."""
        return bool(self.tracks[0].open_)

    def run(self, going: Callable[[], bool]) -> None:
        """Go on while `going`; each step is a fraction of a second.

        Where the worst is NaN for a number, nothing can be worse: the rest is scanned, no more.
        """
        while going():
            hopeless = self.best is not None and self.best.error == np.inf
            if hopeless and self.scanned >= len(self.order):
                return
            if hopeless or self._scan_is_due():
                self._scan()
                continue
            if self._line_is_due():
                self._another_line()
                continue
            self.rounds += 1
            self._search()

    def _scan_is_due(self) -> bool:
        """First the usual sizes, then the rest of the line by turns with the search."""
        if self.scanned >= len(self.order):
            return False
        if self.many or self.scanned < USUAL:
            return True
        return self.rounds * BINADES >= TURNS * (self.scanned - USUAL)

    def _line_is_due(self) -> bool:
        """First a few lines, then one more now and then."""
        wanted = FIRST + self.rounds // LINES
        return self.many and self.scanned >= len(self.order) and self.lines < wanted

    # ------------------------------------------------------------ known inputs

    def known(self, bits: Iterable[int], by: str) -> None:
        """Try inputs one by one on the newest track, by the oracle."""
        track, infinity = self.track, self.track.fmt.bits_of(np.inf)
        sign = 1 << (track.fmt.bits - 1)
        tried = sorted({b for b in bits if b % sign < infinity})
        if tried:
            x = track.floats(np.array(tried, dtype=track.fmt.integer))
            tried = [b for b, inside in zip(tried, track.inside(x), strict=True) if inside]
        if not tried:
            return
        seen = track.observed(tried)
        self.points += len(tried)
        errors = track.errors(tried, seen)
        self.unproven += int((errors < 0).sum())
        for bit, error, one in zip(tried, errors.tolist(), seen.tolist(), strict=True):
            self._note(len(self.tracks) - 1, Found(error, bit, one))
        self._ask(len(self.tracks) - 1, Seen(errors, tried, seen), by)

    def edges(self) -> None:
        """Try where errors live: see `points`."""
        track = self.track
        function, setting = track.job.quantity.function, track.job.quantity.setting
        fmt = track.fmt
        found = [points.specials(fmt), points.edges(fmt)]
        if len(function.variables) == 1:
            declared = points.declared(function, fmt, setting)
            found.append(points.neighbours(declared, fmt, (-2, -1, 0, 1, 2)))
        values = np.concatenate(found)
        self.known([fmt.bits_of(v) for v in values[np.isfinite(values)].tolist()], "edges")

    # ------------------------------------------------------------ every binade

    def _scan(self) -> None:
        """The next binades: places in all of their pieces, evenly but for chance."""
        track, fmt = self.track, self.track.fmt
        chosen = self.order[self.scanned : self.scanned + BINADES]
        self.scanned += len(chosen)
        density = SPARSE if self.many else DENSE
        groups: dict[tuple[int, int], list[Piece]] = {}
        singles: list[int] = []
        for binade in chosen:
            for negative in (False, True):
                for piece in track.pieces(negative, binade):
                    if piece.coefficients is None and not piece.beyond:
                        singles += self._some(piece)
                        continue
                    share = density * piece.count >> (fmt.precision - 1)
                    terms = 1 if piece.coefficients is None else piece.coefficients[0].size
                    groups.setdefault((max(share, 8), terms), []).append(piece)
        for (count, _), pieces in sorted(groups.items()):
            limit = max((1 << 16) // count, 1)
            for start in range(0, len(pieces), limit):
                self._scanned(pieces[start : start + limit], count)
        if len(singles) > SINGLES:
            singles = self.rng.choice(np.array(singles, dtype=fmt.integer), SINGLES).tolist()
        self.known(singles, "scan")

    def _scanned(self, pieces: list[Piece], count: int) -> None:
        steps = np.array([p.count for p in pieces], dtype=np.float64)[:, None] / count
        jitter = self.rng.random((len(pieces), count))
        places = np.floor((np.arange(count) + jitter) * steps).astype(np.int64)
        seen = windows.scan(self.track.fmt, self.track.answers, pieces, places)
        self.points += places.size
        number = len(self.tracks) - 1
        for piece, error, bits, one in zip(
            pieces, seen.error, seen.bits, seen.observed, strict=True
        ):
            self._note(number, Found(float(error), bits, float(one)))
            if piece.coefficients is not None:
                self.cells.push(float(error), number, piece.negative, piece.first, piece.count)
        self._ask(number, seen, "scan")

    def _some(self, piece: Piece) -> list[int]:
        """A few floats of a piece about which nothing was proved: all of a short one."""
        if piece.count <= 16:
            places = np.arange(piece.count)
        else:
            places = self.rng.integers(0, piece.count, 16)
        found: list[int] = piece.bits(self.track.fmt, places).tolist()
        return found

    # ------------------------------------------------------------ the best parts

    def _search(self) -> None:
        """One round: around what was found, into the best cells, and some elsewhere."""
        chosen = [(number, w, None) for number, w in self.near[:AROUND]]
        del self.near[:AROUND]
        picked: list[tuple[int, Window, tuple[int, int] | None]] = [*chosen]
        while len(picked) < ROUND - EXPLORED and (cell := self.cells.pop()) is not None:
            track = self.tracks[cell.track]
            piece = track.piece(cell.negative, cell.first)
            if (piece.negative, piece.first) in track.distrusted:
                continue
            for first, count in parts(cell):
                picked.append((cell.track, window(self.rng, piece, first, count), (first, count)))
        picked += self._elsewhere(ROUND - len(picked))
        for number in sorted({n for n, _, _ in picked}):
            self._looked(number, [(w, run) for n, w, run in picked if n == number])

    def _elsewhere(self, count: int) -> Iterable[tuple[int, Window, tuple[int, int] | None]]:
        """Windows in binades drawn by rank of what was found in them."""
        order = sorted(self.regions, key=lambda r: (-self.regions[r][0].error, r))
        for _ in range(max(count, 0) if order else 0):
            at = int(self.rng.geometric(0.05)) if self.rng.random() < 0.75 else len(order)
            at = at - 1 if at <= len(order) - 1 else int(self.rng.integers(len(order)))
            number = self.regions[order[at]][1]
            negative, binade = self._region(order[at])
            pieces = [
                p
                for p in self.tracks[number].pieces(negative, binade)
                if p.coefficients is not None
            ]
            if not pieces:
                continue
            piece = pieces[int(self.rng.integers(len(pieces)))]
            look = window(self.rng, piece, piece.first, piece.count)
            size = max(piece.count >> (REACH - 1), min(POINTS, piece.count))
            first = piece.first + look.start // size * size
            yield number, look, (first, size)

    def _looked(self, number: int, chosen: list[tuple[Window, tuple[int, int] | None]]) -> None:
        track = self.tracks[number]
        seen = windows.look(track.fmt, track.answers, [w for w, _ in chosen])
        self.points += POINTS * len(chosen)
        for (look, run), error, bits, one in zip(
            chosen, seen.error, seen.bits, seen.observed, strict=True
        ):
            self._note(number, Found(float(error), bits, float(one)))
            if run is not None and run[1] > POINTS:
                self.cells.push(float(error), number, look.piece.negative, *run)
        self._ask(number, seen, "search")

    # ------------------------------------------------------------ other lines

    def _another_line(self) -> None:
        """One more line of a function of several variables, scanned at few places."""
        self.tracks.append(self.track.beside(self._drawn()))
        self.scanned, self.lines = 0, self.lines + 1
        self.edges()

    def _drawn(self) -> dict[str, Fraction]:
        """Values of the other variables: half the time ordinary ones, else from any binade."""
        track, found = self.track, dict(self.track.fixed)
        for v in track.job.quantity.function.variables:
            if v.name not in track.open_:
                continue
            seed = int(self.rng.integers(1 << 31))
            usual = self.rng.random() < 0.5
            drawn = points.ordinary if usual else points.ladder
            pool = points.inside(drawn(track.fmt, 64 if usual else 1, seed), v, track.fmt)
            pool = pool[np.isfinite(pool) & points.within(pool, v.domain)]
            found[v.name] = Fraction(float(pool[int(self.rng.integers(pool.size))]))
        return found

    # ------------------------------------------------------------ what is kept

    def _region(self, index: int) -> tuple[bool, int]:
        fmt = self.tracks[0].fmt
        negative, binade = divmod(index, 1 << (fmt.bits - fmt.precision))
        return bool(negative), binade

    def _note(self, number: int, found: Found) -> None:
        """The worst of its binade, told by the bits without the stored significand."""
        index = found.bits >> (self.tracks[0].fmt.precision - 1)
        known = self.regions.get(index)
        if known is None or found.error > known[0].error:
            fixed = {n: str(v) for n, v in self.tracks[number].fixed.items()}
            self.regions[index] = (Found(found.error, found.bits, found.observed, fixed), number)

    def _ask(self, number: int, seen: Seen, by: str) -> None:
        """Ask the oracle about what seems worse than the worst that is known."""
        track, least = self.tracks[number], self.best.error if self.best else -1.0
        order = np.argsort(-seen.error, kind="stable")[:ASKED]
        chosen = [int(k) for k in order if seen.error[k] > least]
        chosen = [k for k in chosen if self._piece_of(track, seen.bits[k]) not in track.distrusted]
        if not chosen:
            return
        bits = [seen.bits[k] for k in chosen]
        errors: Floats = track.errors(bits, seen.observed[chosen])
        for k, error in zip(chosen, errors.tolist(), strict=True):
            if error < TRUSTED * seen.error[k]:
                track.distrusted.add(self._piece_of(track, seen.bits[k]))
                self.regions.pop(seen.bits[k] >> (track.fmt.precision - 1), None)
            if error > (self.best.error if self.best else -1.0):
                fixed = {n: str(v) for n, v in track.fixed.items()}
                self.best = Found(error, seen.bits[k], float(seen.observed[k]), fixed)
                self.history.append(Step(self.points, round(self.spent, 3), by, self.best))
                self._look_around(number, seen.bits[k])

    def _piece_of(self, track: Track, bits: int) -> tuple[bool, int]:
        piece = self._holding(track, bits)
        return piece.negative, piece.first

    def _holding(self, track: Track, bits: int) -> Piece:
        negative, rest = divmod(bits, 1 << (track.fmt.bits - 1))
        return track.piece(bool(negative), rest)

    def _look_around(self, number: int, bits: int) -> None:
        track = self.tracks[number]
        piece = self._holding(track, bits)
        if piece.coefficients is not None:
            rest = bits % (1 << (track.fmt.bits - 1))
            self.near = [(number, w) for w in around(piece, rest)] + self.near[:AROUND]

    # ------------------------------------------------------------ at the end

    def worst_of_binades(self) -> dict[int, tuple[Found, float]]:
        """The worst input of each binade, asked again from the oracle, and the truth there.

        An input that the oracle does not decide is left out.
        """
        found = {}
        if self.best is not None:  # the binade's own may be one that the oracle refutes
            index = self.best.bits >> (self.tracks[0].fmt.precision - 1)
            self.regions[index] = (self.best, self._number(self.best))
        for number, track in enumerate(self.tracks):
            mine = {k: f for k, (f, n) in sorted(self.regions.items()) if n == number}
            if not mine:
                continue
            seen = np.array([f.observed for f in mine.values()])
            errors, truths = track.asked([f.bits for f in mine.values()], seen)
            for (index, one), error, truth in zip(
                mine.items(), errors.tolist(), truths.tolist(), strict=True
            ):
                if error >= 0:
                    found[index] = (replace(one, error=error), truth)
        return dict(sorted(found.items()))

    def _number(self, found: Found) -> int:
        lines = [{n: str(v) for n, v in t.fixed.items()} for t in self.tracks]
        return lines.index(dict(found.fixed))
