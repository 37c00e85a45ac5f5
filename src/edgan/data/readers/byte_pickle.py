"""Reads a pickle that holds nothing but containers, numbers, strings and arrays of unsigned bytes.

Loading a pickle may call any function that the file names, and numpy's own functions are no exception: with a free
`dtype` they turn bytes of the file into object pointers. Here a name in the file only ever stands for one of the
callables below, which build `uint8` arrays and nothing else.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import numpy as np

UNSIGNED_BYTE = frozenset({"u1", "|u1", "uint8", "B"})
MODULES = frozenset({"numpy", "numpy.core.multiarray", "numpy._core.multiarray"})


def load_bytes_pickle(data: bytes) -> Any:
    """What the pickle holds; its arrays as uint8, its strings of Python 2 as bytes.

    Raises:
        pickle.UnpicklingError: it names anything but a numpy array of unsigned bytes, or it is damaged.
    """
    try:
        content = _BytesUnpickler(io.BytesIO(data), encoding="bytes").load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a damaged pickle raises whatever the opcode in its place raises
        raise pickle.UnpicklingError("it is not a pickle, or it is damaged") from error
    return content


class _Callable:
    """A name in a pickle. It has no attributes, so that a file cannot change it for the next one."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> NoReturn:
        raise pickle.UnpicklingError("it changes a function, which a batch of images does not need")


class _ArrayType(_Callable):
    """`numpy.ndarray`, only ever an argument of `_reconstruct`."""

    __slots__ = ()


class _DType(_Callable):
    """`numpy.dtype`: called with a type code, it gives the data type of unsigned bytes."""

    __slots__ = ()

    def __call__(self, code: Any, *_: Any) -> _UnsignedByte:
        if _text(code) not in UNSIGNED_BYTE:
            raise pickle.UnpicklingError(f"it holds an array of {_text(code)[:20]!r}, not of unsigned bytes")
        return _UnsignedByte()


class _Reconstruct(_Callable):
    """`numpy.core.multiarray._reconstruct`: an array whose content follows as its state."""

    __slots__ = ()

    def __call__(self, *_: Any) -> _Array:
        return _Array()


class _Encode(_Callable):
    """`_codecs.encode`, by which Python 3 writes bytes in the protocols of Python 2."""

    __slots__ = ()

    def __call__(self, text: Any, encoding: Any = "latin1") -> bytes:
        if not isinstance(text, str) or _text(encoding) != "latin1":
            raise pickle.UnpicklingError("it encodes text otherwise than pickles of bytes do")
        return text.encode("latin1")


class _UnsignedByte:
    """The data type of an array; its state (byte order, alignment) says nothing more about single bytes."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        """Accepts what numpy writes, and ignores it."""


class _Array:
    """An array in the making; `values` is uint8 once its state was read."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: np.ndarray | None = None

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise pickle.UnpicklingError("it holds an array in an unknown form")
        _, shape, dtype, fortran, raw = state
        sides = shape if isinstance(shape, tuple) else ()
        fits = all(type(side) is int and side >= 0 for side in sides) and isinstance(raw, bytes)
        if not isinstance(dtype, _UnsignedByte) or not fits or math.prod(sides) != len(raw):
            raise pickle.UnpicklingError("it holds an array whose shape and bytes do not fit together")
        self.values = np.frombuffer(raw, dtype=np.uint8).reshape(sides, order="F" if fortran is True else "C")


CALLABLES: dict[tuple[str, str], _Callable] = {
    **{(module, "_reconstruct"): _Reconstruct() for module in MODULES},
    **{(module, "ndarray"): _ArrayType() for module in MODULES},
    **{(module, "dtype"): _DType() for module in MODULES},
    ("_codecs", "encode"): _Encode(),
}


# What pickles of dictionaries, lists, numbers, strings and arrays consist of. Missing on purpose: opcodes that allocate
# what a number in the file asks for, that make objects of classes, or that build sets (hashing nested tuples hangs).
OPCODES = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.MEMOIZE,
    pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.GET, pickle.BINGET, pickle.LONG_BINGET,
    pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2,
    pickle.LONG, pickle.LONG1,
    pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.SHORT_BINBYTES, pickle.BINBYTES, pickle.BINBYTES8,
    pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8,
    pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3,
    pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS, pickle.EMPTY_DICT,
    pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD,
)  # fmt: skip


# The unpickler in Python, not the one in C, whose memo takes as much memory as an index in the file says.
class _BytesUnpickler(pickle._Unpickler):
    stack: list[Any]
    pop_mark: Callable[[], list[Any]]
    dispatch: ClassVar[dict[int, Callable[..., None]]] = {
        opcode[0]: pickle._Unpickler.dispatch[opcode[0]] for opcode in OPCODES
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in CALLABLES:
            asked = f"{module}.{name}"
            raise pickle.UnpicklingError(f"it asks for {asked[:60]!r}, which a batch of images does not need")
        return CALLABLES[module, name]

    def _set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        _put(self.stack[-1], [key, value])

    def _set_items(self) -> None:
        items = self.pop_mark()
        _put(self.stack[-1], items)

    def _dictionary(self) -> None:
        content: dict[Any, Any] = {}
        _put(content, self.pop_mark())
        self.stack.append(content)

    dispatch[pickle.DICT[0]] = _dictionary
    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.SETITEMS[0]] = _set_items


def _put(target: Any, items: list[Any]) -> None:
    """Keys and values in turn into a dictionary."""
    if not isinstance(target, dict) or not all(isinstance(key, bytes | str) for key in items[::2]):
        raise pickle.UnpicklingError("it holds a dictionary whose keys are no text")
    target.update(zip(items[::2], items[1::2], strict=True))


def array_of(value: Any) -> np.ndarray | None:
    """The uint8 array that stands for a pickled numpy array, or None where `value` is anything else."""
    return value.values if isinstance(value, _Array) else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin1")
    return value if isinstance(value, str) else type(value).__name__
