"""The structure: shapes, formats, layouts, places, purity - what is not mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import RANKED, Level
from ...reference.reduction import reduced
from .. import points
from ..case import Batch, Case
from ..implementation import Array, Misconduct, Unsupported, observed
from ..judge import Judgement, judge, witness
from .property import Outcome, Property

SHAPES = ((), (1,), (3,), (2, 3), (2, 1, 3), (2, 0), (0,))


def _none(case: Case) -> dict[str, str]:
    return {"reduction": "none"} if case.function.is_loss and not case.loops else {}


def _plain(case: Case) -> bool:
    """Whether arrays of any shape may go in, element by element."""
    return not case.function.along_axis and not case.loops and not case._channelled


def shape(case: Case) -> Outcome:
    outcome = Outcome()
    if case.loops or not _plain(case):
        _row_shapes(case, outcome)
        return outcome
    shapes = SHAPES[::3] if case.implementation.adapter.COMPILES_EACH_SHAPE else SHAPES
    for wanted in shapes:
        size = int(np.prod(wanted))
        arrays = [case.fmt.array(a).reshape(wanted) for a in case.easy(size).arrays]
        _expect(case, outcome, arrays, wanted)
        _expect_gradient(case, outcome, arrays, wanted)
        if size > 1:
            _expect_values(case, outcome, arrays)
    return outcome


def _expect_values(case: Case, outcome: Outcome, arrays: Sequence[Array]) -> None:
    """In a table each element, and its gradient, is what it is in a row."""
    flat = Batch(tuple(a.astype(np.float64).ravel() for a in arrays))
    seen = observed(case.implementation.value(arrays, _none(case)), arrays[0].shape, case.fmt)
    _compare(case, outcome, seen.ravel(), flat, "number of dimensions")
    name = case.function.variables[0].name
    found = _gradients(case, arrays, arrays[0].shape).get(name)
    if found is None or found.shape != arrays[0].shape:
        return
    slopes = found.astype(np.float64).ravel()
    if np.array_equal(slopes, case.observe_gradient(flat, name), equal_nan=True):
        return
    truth = case.truth(flat)[name]
    judged, _ = case.judge(slopes, truth, flat)
    outcome.lower(
        judged.level or Level.EXACT,
        message=f"the gradient of shape {arrays[0].shape} is not that of the row",
        witness=case.witness(slopes, truth, judged, flat, judged.worst, gradient=True),
        error=judged.worst_error,
    )


def _gradients(case: Case, arrays: Sequence[Array], out: tuple[int, ...]) -> dict[str, Array]:
    """The gradients in all differentiable variables, those that there are."""
    if not case.implementation.has_gradient or not case._vjp_reduces:
        return {}
    names = [v.name for v in case.function.variables if v.differentiable]
    seed = case.fmt.array(np.ones(out))
    try:
        return case.implementation.gradients(arrays, _none(case), seed, names)
    except Unsupported:
        return {}


def _expect_gradient(
    case: Case, outcome: Outcome, arrays: Sequence[Array], out: tuple[int, ...]
) -> None:
    """Each gradient has the shape of its variable."""
    due = {v.name: a.shape for v, a in zip(case.function.variables, arrays, strict=True)}
    for name, found in _gradients(case, arrays, out).items():
        if found.shape != due[name]:
            outcome.lower(
                Level.UNSOUND,
                message=f"the gradient in {name} of shape {due[name]} has shape {found.shape}",
                points=1,
            )


def _row_shapes(case: Case, outcome: Outcome) -> None:
    if case._channelled or case.loops:
        batch = case.easy(1)
        result = case.implementation.value(case.native(batch), _none(case))
        due = ((1, 1),) if case._channelled else ((), (1,))
        good = result.shape in due
        outcome.lower(
            Level.EXACT if good else Level.UNSOUND,
            message="" if good else f"returned shape {result.shape} where {due[0]} was due",
            points=1,
        )
        return
    for wanted in ((4, 5), (1, 5), (3, 1), (0, 5)):
        count, length = wanted
        cut = [a[:, :length].copy() for a in case.easy(count).arrays]
        for v, a in zip(case.function.variables, cut, strict=True):
            if v.simplex and length == 1:
                a[...] = 1
        arrays = case.native(Batch(tuple(cut)))
        _expect(case, outcome, arrays, wanted if case.function.row_output else wanted[:1])
    if not case.function.is_loss:
        batch = case.easy(6)
        _expect(case, outcome, [case.fmt.array(a[0]) for a in batch.arrays], (5,))
        cube = [case.fmt.array(a).reshape(2, 3, 5) for a in batch.arrays]
        _expect(case, outcome, cube, (2, 3, 5))


def _expect(case: Case, outcome: Outcome, arrays: Sequence[Array], due: tuple[int, ...]) -> None:
    result = case.implementation.value(arrays, _none(case))
    if result.shape == due:
        outcome.lower(Level.EXACT, points=1)
        return
    outcome.lower(
        Level.UNSOUND,
        message=f"returned shape {result.shape} for inputs of shape {arrays[0].shape}",
        points=1,
    )


def dtype(case: Case) -> Outcome:
    outcome = Outcome()
    batch = case.easy(1 if case.loops else 4)
    result = case.implementation.value(case.native(batch), _none(case))
    same = result.dtype == case.fmt.dtype
    outcome.lower(
        Level.EXACT if same else Level.SOUND,
        message="" if same else f"returned dtype {result.dtype} for inputs of {case.fmt.name}",
        points=1,
    )
    if not same and result.dtype.kind in "iub":
        outcome.lower(
            Level.UNSOUND, message=f"returned dtype {result.dtype} for inputs of {case.fmt.name}"
        )
    if not case.loops:
        shape = batch.arrays[0].shape
        out = shape if case.function.row_output or not case.function.along_axis else shape[:1]
        out = (1, *out) if case._channelled else out
        for name, found in _gradients(case, case.native(batch), out).items():
            if found.dtype != case.fmt.dtype:
                outcome.lower(
                    Level.SOUND,
                    message=f"the gradient in {name} has dtype {found.dtype} "
                    f"for inputs of {case.fmt.name}",
                )
    return outcome


def channels(case: Case, outcome: Outcome) -> None:
    """One weight for each channel, or one for all, over tables and stacks; gradients summed."""
    rng = np.random.default_rng(points.SEED + 41)
    tables = [((4, 3), 3, 1), ((2, 3, 5), 3, 1), ((3, 2), 2, 1), ((4, 3), 1, 1), ((5,), 1, 1)]
    if case.implementation.accepts("channel_axis"):
        tables += [((3, 3), 3, 0), ((2, 3), 3, -1)]
    for wanted, count, axis in tables:
        size = int(np.prod(wanted))
        x = case.fmt.round(rng.normal(scale=2.0, size=size)).reshape(wanted)
        weight = case.fmt.round(rng.uniform(0.05, 0.9, size=count))
        own = axis % len(wanted)
        shared = weight.reshape([-1 if k == own else 1 for k in range(len(wanted))])
        spelled = np.broadcast_to(shared if count > 1 else weight, wanted)
        batch = Batch((x.ravel(), spelled.ravel()))
        truth = case.truth(batch)
        arrays = [case.fmt.array(x), case.fmt.array(weight)]
        result = case.implementation.value(arrays, {"channel_axis": axis} if axis != 1 else {})
        seen = observed(result, wanted, case.fmt).ravel()
        found, _ = case.judge(seen, truth["value"], batch)
        level = found.level or Level.EXACT
        outcome.lower(
            level,
            message=f"x of shape {wanted} with {count} weights",
            witness=case.witness(seen, truth["value"], found, batch, found.worst),
            points=found.points,
            error=found.worst_error,
        )
        if axis == 1:
            _channel_gradient(case, outcome, arrays, truth, spelled)


def _channel_gradient(
    case: Case,
    outcome: Outcome,
    arrays: Sequence[Array],
    truth: Mapping[str, Truth],
    spelled: Floats,
) -> None:
    name = case.function.variables[1].name
    gradients = _gradients(case, arrays, arrays[0].shape)
    if name not in gradients:
        return
    found = gradients[name]
    if found.shape != arrays[1].shape:
        outcome.lower(
            Level.UNSOUND,
            message=f"the gradient in {name} of shape {arrays[1].shape} has shape {found.shape}",
        )
        return
    owners = [spelled.ravel() == float(w) for w in arrays[1].astype(np.float64)]
    for channel, mine in enumerate(owners):
        due, terms = reduced(truth[name][mine], case.fmt)
        seen = np.array([float(found.astype(np.float64)[channel])])
        judged = judge(seen, due, case.fmt, case.scale, terms=terms)
        outcome.lower(
            judged.level or Level.EXACT,
            message=f"the gradient in {name}, channel {channel} of x of shape {arrays[0].shape}",
            witness=witness(
                {v.name: a for v, a in zip(case.function.variables, arrays, strict=True)},
                case.fmt,
                truth=float(due.nearest[0]),
                observed=float(seen[0]),
                error=float(judged.error[0]),
                bound=float(judged.accurate[0]),
            ),
            points=1,
        )


def broadcast(case: Case) -> Outcome:
    """A scalar or a row against a matrix gives what the spelled-out arrays give."""
    outcome = Outcome()
    if case._channelled:
        channels(case, outcome)
        return outcome
    first, second = (case.fmt.array(a) for a in case.easy(12).arrays[:2])
    matrix = first.reshape(4, 3)
    for other in (second[:3], second[:1].reshape(()), second[:4].reshape(4, 1)):
        try:
            result = case.implementation.value([matrix, other], _none(case))
        except Misconduct as refusal:
            if refusal.kind != "raises":
                raise
            outcome.trait("does not broadcast")
            outcome.unsupported = "does not broadcast"
            continue
        if result.shape != (4, 3):
            outcome.lower(
                Level.UNSOUND,
                message=f"shapes (4, 3) and {other.shape} gave {result.shape}, not (4, 3)",
                points=1,
            )
            continue
        spelled = np.broadcast_to(other, matrix.shape).copy()
        batch = Batch(tuple(a.astype(np.float64).ravel() for a in (matrix, spelled)))
        _compare(case, outcome, result.astype(np.float64).ravel(), batch, "broadcast")
        try:
            _expect_gradient(case, outcome, [matrix, other], (4, 3))
        except Misconduct as refusal:
            if refusal.kind != "raises":
                raise
            outcome.trait("gradients do not broadcast")
    return outcome


def _compare(case: Case, outcome: Outcome, seen: Floats, batch: Batch, what: str) -> None:
    """Bits equal to the plain call pass; others are judged against the truth."""
    plain = case.observe(batch)
    differs = ~((seen == plain) | (np.isnan(seen) & np.isnan(plain)))
    outcome.lower(Level.EXACT, points=int(seen.size))
    if not differs.any():
        return
    truth = case.truth(batch, gradient=False)["value"]
    found, _ = case.judge(seen, truth, batch)
    plainly, _ = case.judge(plain, truth, batch)
    index = int(np.argmin(np.where(differs, found.rank, 99)))
    level = RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)]
    with np.errstate(all="ignore"):
        gap = np.abs(found.error - plainly.error)[differs]
    gap = gap[np.isfinite(gap)]
    most = float(np.max(gap, initial=0.0))
    if plainly.rank.flat[index] <= found.rank.flat[index] and level < Level.ACCURATE:
        level = Level.ACCURATE  # the fault is the value's own, and found there
    outcome.trait(f"results differ with the {what}")
    outcome.lower(
        level,
        message=f"results differ with the {what}, by up to {most:.3g} ulp",
        witness=case.witness(seen, truth, found, batch, index),
        error=float(found.error[differs].max()),
    )


def layout(case: Case) -> Outcome:
    """Strided, reversed, transposed views give what a plain copy gives; empty ones are empty."""
    outcome = Outcome()
    if case.function.along_axis or case._channelled:
        return _row_layout(case)
    base = case.easy(48)
    plain = [case.fmt.array(a) for a in base.arrays]
    views: dict[str, Callable[[Array], Array]] = {
        "strides": lambda a: _strided(a),
        "reversed order": lambda a: a[::-1],
        "memory order": lambda a: np.asfortranarray(a.reshape(6, 8)),
    }
    for what, view in views.items():
        arrays = [view(a) for a in plain]
        spelled = Batch(tuple(np.ascontiguousarray(a).astype(np.float64).ravel() for a in arrays))
        result = case.implementation.value(arrays, _none(case))
        seen = observed(result, arrays[0].shape, case.fmt).ravel()
        _compare(case, outcome, seen, spelled, what)
    _empty(case, outcome)
    return outcome


def _strided(a: Array) -> Array:
    wide = np.zeros(2 * a.shape[0], dtype=a.dtype)
    wide[::2] = a
    return wide[::2]


def _empty(case: Case, outcome: Outcome) -> None:
    empty = [case.fmt.array(np.zeros(0)) for _ in case.function.variables]
    result = case.implementation.value(empty, _none(case))
    good = result.shape == (0,)
    outcome.lower(
        Level.EXACT if good else Level.UNSOUND,
        message="" if good else f"an empty array gave shape {result.shape}",
        points=1,
    )


def _row_layout(case: Case) -> Outcome:
    outcome = Outcome()
    if case.loops:
        outcome.unsupported = "takes no reduction"
        return outcome
    batch = case.easy(6)
    plain = case.observe(batch)
    arrays = [np.asfortranarray(a) for a in case.native(batch)]
    seen = observed(case.implementation.value(arrays, _none(case)), _due(case, arrays), case.fmt)
    _compare(case, outcome, seen.reshape(plain.shape), batch, "memory order")
    if "axis" in (case.implementation.keywords or ()) or case.implementation.keywords is None:
        _axis(case, outcome, batch)
    return outcome


def _due(case: Case, arrays: Sequence[Array]) -> tuple[int, ...]:
    if case._channelled or case.function.row_output:
        return arrays[0].shape
    return arrays[0].shape[:1]


def _axis(case: Case, outcome: Outcome, batch: Batch) -> None:
    """The function along axis 0 of the transposed rows gives the transposed result."""
    if not (case.function.row_output and case.function.along_axis):
        return
    turned = [np.ascontiguousarray(a.T) for a in case.native(batch)]
    try:
        result = case.implementation.value(turned, {"axis": 0})
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.trait("takes no axis")
        return
    seen = observed(result, turned[0].shape, case.fmt).T
    _compare(case, outcome, np.ascontiguousarray(seen), batch, "axis")
    axis_gradient(case, outcome, batch)


def axis_gradient(case: Case, outcome: Outcome, batch: Batch) -> None:
    """The same for the gradient."""
    name = case.function.variables[0].name
    seeded = Batch(batch.arrays, case.fmt.round(np.cos(np.arange(30.0)).reshape(6, 5)))
    try:
        plain = case.observe_gradient(seeded, name)
        turned = [np.ascontiguousarray(a.T) for a in case.native(batch)]
        seed = case.fmt.array(np.ascontiguousarray(seeded.cotangent.T))  # type: ignore[union-attr]
        found = case.implementation.gradients(turned, {"axis": 0}, seed, [name])[name]
    except Exception as refusal:
        if isinstance(refusal, Misconduct) and refusal.kind != "raises":
            raise
        return
    seen = observed(found, turned[0].shape, case.fmt).T
    truth = case.truth(seeded)[name]
    ours, _ = case.judge(np.ascontiguousarray(seen), truth, seeded)
    theirs, _ = case.judge(plain, truth, seeded)
    if ours.rank.min() < theirs.rank.min():
        outcome.lower(
            RANKED[int(ours.rank.min())],
            message="the gradient along axis 0 is not that of the transposed rows",
            witness=case.witness(seen, truth, ours, seeded, ours.worst, gradient=True),
            error=ours.worst_error,
        )


def position(case: Case) -> Outcome:
    """The same element, in arrays of any length and at any place in them."""
    outcome = Outcome()
    if case.function.along_axis:
        return _row_position(case)
    main = case.function.variables[0]
    hard = points.inside(
        np.concatenate([points.ordinary(case.fmt, 80), points.edges(case.fmt)]), main, case.fmt
    )
    hard = hard[np.isfinite(hard)]
    rng = np.random.default_rng(points.SEED + 23)
    columns = [rng.permutation(hard)]
    for v in case.function.variables[1:]:
        pool = points.inside(points.ordinary(case.fmt, 64), v, case.fmt)
        columns.append(rng.choice(pool, hard.size))
    batch = Batch(tuple(columns))
    batch = batch[: min(batch.size, 200)]
    alone = np.array([case.observe(batch[k : k + 1])[0] for k in range(min(64, batch.size))])
    _placed(case, outcome, batch[: alone.size], alone, "position in the array")
    lengths: tuple[int, ...] = (7, 8, 9, 16, 31, 33, 64, 67, batch.size, 1021, 5003)
    if case.implementation.adapter.COMPILES_EACH_SHAPE:  # tried in lengths it is given, see PADDED
        lengths = (16, 64, 1024)
    for length in lengths:
        picks = np.arange(length) % batch.size
        seen = case.observe(batch[picks])
        _compare_places(case, outcome, batch[picks], seen)
    return outcome


def _placed(case: Case, outcome: Outcome, batch: Batch, seen: Floats, what: str) -> None:
    _compare(case, outcome, seen, batch, what)


def _compare_places(case: Case, outcome: Outcome, batch: Batch, seen: Floats) -> None:
    """Each element again, in an array of another length, turned round by one place."""
    turned = case.observe(batch[np.roll(np.arange(batch.size), 1)])
    again = np.roll(turned, -1)
    same = (seen == again) | (np.isnan(seen) & np.isnan(again))
    outcome.lower(Level.EXACT, points=int(seen.size))
    truth = None
    if not same.all():
        for array in (seen, again):
            truth = truth or case.truth(batch, gradient=False)["value"]
            found, _ = case.judge(array, truth, batch)
            index = int(np.argmin(np.where(same, 99, found.rank)))
            _note_place(case, outcome, array, truth, found, batch, index)
    first = seen[: min(200, seen.size)]
    if seen.size > 200:  # the same elements come round again further on
        period = 200 if seen.size >= 200 else seen.size
        tail = seen[period : 2 * period]
        head = first[: tail.size]
        moved = ~((tail == head) | (np.isnan(tail) & np.isnan(head)))
        if moved.any() and np.array_equal(
            batch.arrays[0][: tail.size], batch.arrays[0][period : period + tail.size]
        ):
            truth = truth or case.truth(batch, gradient=False)["value"]
            found, _ = case.judge(seen, truth, batch)
            index = int(np.argmin(found.rank))
            _note_place(case, outcome, seen, truth, found, batch, index)


def _note_place(
    case: Case,
    outcome: Outcome,
    seen: Floats,
    truth: Truth,
    found: Judgement,
    batch: Batch,
    index: int,
) -> None:
    level = RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)]
    outcome.trait("results differ with the position in the array")
    outcome.lower(
        level,
        message=f"results differ with the position in the array (place {index} of {batch.size})",
        witness=case.witness(seen, truth, found, batch, index),
        error=float(found.error.flat[index]),
    )


def _row_position(case: Case) -> Outcome:
    """Rows longer than vector widths, judged; and each row alone against all rows together."""
    outcome = Outcome()
    for length in (17, 33, 67, 130):
        arrays = points.rows(case.function, case.fmt, length, 4)
        batch = Batch(arrays)
        seen = case.observe(batch)
        truth = case.truth(batch, gradient=False)["value"]
        found, _ = case.judge(seen, truth, batch)
        index = found.worst
        level = found.level or Level.EXACT
        evidence = None
        if level < case.required:
            evidence = case.witness(seen, truth, found, batch, index)
        outcome.lower(
            level,
            points=found.points,
            error=found.worst_error,
            witness=evidence,
            message="" if evidence is None else f"in rows of {length}",
        )
        alone = np.concatenate([case.observe(batch[k : k + 1]) for k in range(batch.size)])
        _compare(case, outcome, alone, batch, "number of rows")
    return outcome


def purity(case: Case) -> Outcome:
    """Inputs unchanged, nothing printed - over all calls that the other properties made."""
    outcome = Outcome()
    batch = case.easy(1 if case.loops else 8)
    case.implementation.value(case.native(batch), _none(case))
    if case.implementation.has_gradient and case.function.variables[0].differentiable:
        try:
            case.observe_gradient(_seeded(case, batch), case.function.variables[0].name)
        except Exception as refusal:
            if isinstance(refusal, Misconduct) and refusal.kind == "time":
                raise
    diary = case.implementation.diary
    outcome.lower(Level.EXACT, points=1)
    if diary.changed_inputs:
        outcome.lower(Level.UNSOUND, message=f"changes its input: {diary.changed_inputs[0]}")
    if diary.printed:
        text = diary.printed[0].strip().splitlines()
        outcome.lower(Level.SOUND, message=f"prints to standard output: {text[:1]}")
    return outcome


def _seeded(case: Case, batch: Batch) -> Batch:
    if not case.function.along_axis:
        return batch
    shape = batch.arrays[0].shape if case.function.row_output else batch.arrays[0].shape[:1]
    return Batch(batch.arrays, np.ones(shape))


def determinism(case: Case) -> Outcome:
    """The same call gives the same bits, also after calls with other inputs and shapes."""
    outcome = Outcome()
    first, other = case.easy(9), case.easy(9, seed=1)
    runs = []
    for _ in range(3):
        runs.append(case.observe(first))
        case.observe(other)
        case.observe(other[:4])
    same = all(np.array_equal(runs[0], r, equal_nan=True) for r in runs[1:])
    outcome.lower(Level.EXACT, points=int(first.arrays[0].size))
    if not same:
        changed = next(r for r in runs[1:] if not np.array_equal(runs[0], r, equal_nan=True))
        index = int(np.argmax((runs[0] != changed).ravel()))
        width = first.arrays[0].shape[1] if first.arrays[0].ndim == 2 else 1
        row = index // width if runs[0].ndim == 2 else index
        given = {
            v.name: a[row].tolist()
            for v, a in zip(case.function.variables, first.arrays, strict=True)
        }
        outcome.lower(
            Level.UNSOUND,
            message="the same call gives different results",
            witness=witness(
                given,
                case.fmt,
                truth=float(runs[0].flat[index]),
                observed=float(changed.flat[index]),
                origin="truth: the first call's answer",
            ),
        )
    _gradient_determinism(case, outcome, first, other)
    return outcome


def _gradient_determinism(case: Case, outcome: Outcome, first: Batch, other: Batch) -> None:
    variable = case.function.variables[0]
    if not (case.implementation.has_gradient and variable.differentiable):
        return
    first, other = _seeded(case, first), _seeded(case, other)
    try:
        runs = []
        for _ in range(3):
            runs.append(case.observe_gradient(first, variable.name))
            case.observe_gradient(other, variable.name)
    except Exception as refusal:
        if isinstance(refusal, Misconduct) and refusal.kind == "time":
            raise
        return
    if not all(np.array_equal(runs[0], r, equal_nan=True) for r in runs[1:]):
        outcome.lower(Level.UNSOUND, message="the same gradient call gives different results")


def compiled(case: Case) -> Outcome:
    """What the library's compiler makes of the code agrees with the code run eagerly."""
    outcome = Outcome()
    program = case.implementation.adapter.compiled(case.implementation.forward)
    if program is None:
        outcome.unsupported = f"{case.implementation.adapter.NAME} has no compiler here"
        return outcome
    batch = case.easy(1 if case.loops else 64)
    if _plain(case):
        hard = points.inside(points.edges(case.fmt), case.function.variables[0], case.fmt)
        hard = hard[np.linspace(0, hard.size - 1, 64).astype(int)]
        batch = Batch((np.resize(hard, 64), *batch.arrays[1:]))
    natives = [case.implementation.adapter.to_native(a) for a in case.native(batch)]
    with case.implementation._guard("compiled"):
        result = program(*natives, **_none(case))
    plain = case.observe(batch)
    array = np.asarray(case.implementation.adapter.to_numpy(result)).astype(np.float64)
    _compare(case, outcome, array.reshape(plain.shape), batch, "compiler")
    return outcome


SHAPE = Property(
    name="structure.shape",
    judge=shape,
    meaning="The result has the shape of the input (of the batch, for losses without reduction): "
    "0-d, one element, several dimensions, empty.",
    why="A 0-d or empty tensor reaches every function once in production.",
    cause="Reshape or squeeze of special cases; (N, 1) against (N,) broadcast to (N, N).",
    fix="Work with ufuncs and reductions with an explicit axis.",
)
FORMAT = Property(
    name="structure.format",
    judge=dtype,
    meaning="The result has the dtype of the input.",
    why="A float64 result doubles memory; an integer result has lost its fraction.",
    cause="A Python or NumPy constant promotes; `zeros_like` of an integer array.",
    fix="Make constants of the input's dtype and allocate results in it.",
)
BROADCAST = Property(
    name="structure.broadcast",
    judge=broadcast,
    meaning="Inputs of different shapes broadcast as NumPy's do, or are refused.",
    why="A silent (N, N) from (N, 1) and (N,) is the classic wrong loss.",
    cause="A manual reshape inside the function.",
    fix="Leave shapes to the library, or check them.",
    applies=lambda case: case._channelled or (len(case.function.variables) > 1 and _plain(case)),
)
LAYOUT = Property(
    name="structure.layout",
    judge=layout,
    meaning="Strided, reversed and transposed views give what a contiguous copy gives, along any "
    "axis; an empty array gives an empty one.",
    why="Kernels read the buffer as if it were contiguous.",
    cause="A raw pointer without strides; the fast path taken for every layout.",
    fix="Make a contiguous copy first, or walk by strides.",
    applies=lambda case: not case.loops and not case._channelled,
)
POSITION = Property(
    name="structure.position",
    judge=position,
    meaning="An element gives the same result in an array of any length, at any place.",
    why="Batch size must not change a prediction; long arrays reach the vector code, short ones "
    "the remainder loop.",
    cause="The vector path and the scalar tail use different approximations.",
    fix="Use one kernel for both, with masked loads for the tail.",
    applies=lambda case: not case.loops,
)
PURITY = Property(
    name="structure.purity",
    judge=purity,
    meaning="Inputs are unchanged after the call; nothing is printed.",
    why="An in-place change corrupts the tensor that the backward pass has saved.",
    cause="`x *= ...` or `out=x` on the argument.",
    fix="Write into a new array.",
)
DETERMINISM = Property(
    name="structure.determinism",
    judge=determinism,
    meaning="The same call gives the same bits, whatever was called in between.",
    why="Results that depend on history cannot be debugged.",
    cause="A cache keyed by shape; state between calls; noise; uninitialised memory.",
    fix="Keep no state in the function.",
)
COMPILED = Property(
    name="structure.compiled",
    judge=compiled,
    meaning="Compiled code gives what eager code gives, or stays within the same level.",
    why="A fused kernel reassociates and skips roundings.",
    cause="Fast-math rewrites of the compiler.",
    fix="Forbid reassociation around compensated sums; test both.",
    applies=lambda case: case.implementation.adapter.NAME != "numpy",
)
