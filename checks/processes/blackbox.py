"""The black box of a process: the call it is in, in memory that another process reads.

Code under test may end its process or never return. What it was called with is noted before each
call, so that whoever watches the process knows what it was doing, and can try it again in parts.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import pickle
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import reduction
from typing import Any

import numpy as np

SIZE = 1 << 24  # bytes; calls with larger arguments are noted without them
_HEAD = 64  # bytes: deadline, limit; calls begun, in a call, element, length of the note
_WORD = struct.Struct("<q")
_BEGUN, _CALLING, _ELEMENT, _LENGTH = range(4)


@dataclass(frozen=True)
class Noted:
    """A call of code under test: of which function, which kind, and with what.

    `cotangent` is the tangent for forward mode; `wrt` are positions and keywords of gradients.
    """

    function: str
    what: str
    arrays: Sequence[Any] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    cotangent: Any = None
    wrt: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())

    @property
    def shapes(self) -> str:
        """The arguments in a few words: `arrays of float32 (64,), (64,)`."""
        kinds = ", ".join(dict.fromkeys(str(a.dtype) for a in self.arrays))
        return f"arrays of {kinds} {', '.join(str(a.shape) for a in self.arrays)}"


def shared_file() -> int:
    """A file without a name, in memory where the system has such: no disk has to have room."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("ulpian")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Box:
    """Shared memory for one process; it is passed to a process as an argument when that starts."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = shared_file() if descriptor is None else descriptor
        if descriptor is None:
            os.ftruncate(self.descriptor, SIZE)
        self._memory = mmap.mmap(self.descriptor, SIZE)
        view = memoryview(self._memory)
        self.clock = view[:16].cast("d")  # the deadline of the call, and the limit in seconds
        self._marks = view[16:_HEAD].cast("q")

    def __reduce__(self) -> Any:
        return _received, (reduction.DupFd(self.descriptor),)

    def begin(self, call: Noted) -> None:
        """Note a call that is about to be made."""
        marks = self._marks
        marks[_LENGTH] = 0
        arrays = [*call.arrays] if call.cotangent is None else [*call.arrays, call.cotangent]
        content = (
            call.function,
            call.what,
            call.keywords,
            call.wrt,
            len(arrays) - len(call.arrays),
        )
        try:
            head = pickle.dumps((*content, [(a.dtype, a.shape) for a in arrays]), protocol=5)
            place = _HEAD + 8 + len(head)
            end = place + sum(a.nbytes for a in arrays)
        except Exception:  # an argument that cannot be kept: then only the kind of call is
            end = SIZE + 1
        if end > SIZE:
            arrays, head = [], pickle.dumps((*content[:2], {}, call.wrt, 0, []), protocol=5)
            end = place = _HEAD + 8 + len(head)
        memory = self._memory
        _WORD.pack_into(memory, _HEAD, len(head))
        memory[_HEAD + 8 : _HEAD + 8 + len(head)] = head
        for a in arrays:
            memory[place : place + a.nbytes] = a.tobytes()
            place += a.nbytes
        marks[_LENGTH] = end - _HEAD
        marks[_BEGUN] += 1
        marks[_CALLING] = 1

    def end(self) -> None:
        self._marks[_CALLING] = 0

    def mark(self, element: int) -> None:
        """Note which part of a call is tried next."""
        self._marks[_ELEMENT] = element

    @property
    def calling(self) -> bool:
        """Whether the process is in a call, or was when it ended."""
        return bool(self._marks[_CALLING])

    @property
    def begun(self) -> int:
        """How many calls were noted."""
        return self._marks[_BEGUN]

    @property
    def element(self) -> int:
        return self._marks[_ELEMENT]

    def raw(self) -> bytes:
        """The last call noted, to be read by `noted`; empty where none was."""
        return self._memory[_HEAD : _HEAD + self._marks[_LENGTH]]

    def close(self) -> None:
        """Give the memory back."""
        self.clock.release()
        self._marks.release()
        with contextlib.suppress(BufferError):
            self._memory.close()
        os.close(self.descriptor)


def _received(descriptor: Any) -> Box:
    return Box(descriptor.detach())


def noted(raw: bytes) -> Noted | None:
    """The call that a box has noted; None where there is none."""
    if not raw:
        return None
    (length,) = _WORD.unpack_from(raw)
    function, what, keywords, wrt, seeds, kinds = pickle.loads(raw[8 : 8 + length])
    arrays, place = [], 8 + length
    for dtype, shape in kinds:
        count = math.prod(shape)
        arrays.append(np.frombuffer(raw, dtype, count, place).reshape(shape))
        place += count * dtype.itemsize
    seed = arrays.pop() if seeds else None
    return Noted(function, what, arrays, keywords, seed, wrt)


# ---------------------------------------------------------------- this process's own

_box: Box | None = None


def carry(box: Box) -> None:
    """Note the calls of this process in a box from here on."""
    global _box
    _box = box


@contextlib.contextmanager
def noting(call: Noted) -> Iterator[None]:
    """Note a call while it is made, where this process carries a box."""
    if _box is None:
        yield
        return
    _box.begin(call)
    try:
        yield
    finally:
        _box.end()


def mark(element: int) -> None:
    """Note which part of a call is tried next, where this process carries a box."""
    if _box is not None:
        _box.mark(element)
