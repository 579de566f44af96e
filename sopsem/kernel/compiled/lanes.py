"""W numbers side by side in one register: the type that carries W problems through the same arithmetic.

Small matrices keep a processor's vector units busy only when many problems share an instruction.  Arrays hold W
problems innermost; ``load(a, i)`` takes the i-th group of W numbers.  Every lane does the same operations in the
same order whatever stands beside it, and nothing is reassociated: a problem's bits depend on no other problem.
Functions hand each other bare pointers: an array is seven arguments and a check at every index, which costs a sixth
of the time of compiling and of running.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

__all__ = [
    "WIDTH",
    "add",
    "choose",
    "div",
    "fma",
    "fnma",
    "larger",
    "load",
    "mul",
    "pointer",
    "positive",
    "shifted",
    "size",
    "smaller",
    "splat",
    "sqrt",
    "store",
    "sub",
]

WIDTH = 8  # 512 bits; processors with shorter registers take two or four
_VECTOR = ir.VectorType(ir.DoubleType(), WIDTH)


class _Lanes(types.Type):
    """Numba's name for W doubles in a register."""


_lanes = _Lanes(name="Lanes")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend: Any) -> None:
        super().__init__(manager, frontend, _VECTOR)


def _instruction(function: Callable[..., Any]) -> Any:
    """Make a function of numba's intermediate language callable in compiled code."""
    return intrinsic(function)


@_instruction
def pointer(_typing: Any, array: Any) -> Any:
    """Return where the numbers of a C-ordered array start."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        position = context.data_model_manager[signature.args[0]].get_field_position("data")
        return builder.extract_value(arguments[0], position)

    return types.CPointer(array.dtype)(array), generate


@_instruction
def shifted(_typing: Any, start: Any, _count: Any) -> Any:
    """Return the pointer that is ``count`` numbers further on."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return start(start, types.intp), generate


def _place(builder: Any, start: Any, index: Any) -> Any:
    first = builder.mul(index, ir.Constant(index.type, WIDTH))
    return builder.bitcast(builder.gep(start, [first]), _VECTOR.as_pointer())


@_instruction
def load(_typing: Any, start: Any, _index: Any) -> Any:
    """Return the W numbers of group ``index``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value = builder.load(_place(builder, *arguments))
        value.align = 8
        return value

    return _lanes(start, types.intp), generate


@_instruction
def store(_typing: Any, start: Any, _index: Any, value: Any) -> Any:
    """Put W numbers in the place of group ``index``."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(builder, *arguments[:2])).align = 8
        return context.get_dummy_value()

    return types.void(start, types.intp, value), generate


@_instruction
def splat(_typing: Any, _value: Any) -> Any:
    """Return one number in every lane."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        unset, first = ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.IntType(32), 0)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        return builder.shuffle_vector(builder.insert_element(unset, arguments[0], first), unset, everywhere)

    return _lanes(types.float64), generate


def _arithmetic(operation: str, text: str) -> Any:
    """Return an intrinsic that is one instruction of the builder."""

    def one(_typing: Any, a: Any, b: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return getattr(builder, operation)(*arguments)

        return _lanes(a, b), generate

    one.__doc__ = text
    return _instruction(one)


add = _arithmetic("fadd", "Return a + b.")
sub = _arithmetic("fsub", "Return a - b.")
mul = _arithmetic("fmul", "Return a b.")
div = _arithmetic("fdiv", "Return a / b.")


def _call(builder: Any, name: str, arguments: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(arguments))
    find: Any = cgutils.get_or_insert_function
    function = find(builder.module, kind, f"llvm.{name}.v{WIDTH}f64")
    return builder.call(function, arguments)


@_instruction
def sqrt(_typing: Any, a: Any) -> Any:
    """Return the square root; NaN where a lane is negative."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _call(builder, "sqrt", arguments)

    return _lanes(a), generate


@_instruction
def positive(_typing: Any, a: Any, floor: Any) -> Any:
    """Return a where it is positive, else the larger of -a and ``floor``; NaN stays NaN."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value, least = arguments
        turned = builder.fneg(value)
        kept = builder.select(builder.fcmp_ordered("<", turned, least), least, turned)
        bad = builder.fcmp_ordered("<=", value, ir.Constant(_VECTOR, [0.0] * WIDTH))
        return builder.select(bad, kept, value)

    return _lanes(a, floor), generate


@_instruction
def choose(_typing: Any, mask: Any, a: Any, b: Any) -> Any:
    """Return a in lanes where the mask is not 0, else b."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        mask, a, b = arguments
        return builder.select(builder.fcmp_unordered("!=", mask, ir.Constant(_VECTOR, [0.0] * WIDTH)), a, b)

    return _lanes(mask, a, b), generate


@_instruction
def size(_typing: Any, a: Any) -> Any:
    """Return |a|."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _call(builder, "fabs", arguments)

    return _lanes(a), generate


@_instruction
def larger(_typing: Any, a: Any, b: Any) -> Any:
    """Return the larger number of each lane, the first where one is NaN."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        a, b = arguments
        return builder.select(builder.fcmp_ordered(">", b, a), b, a)

    return _lanes(a, b), generate


@_instruction
def smaller(_typing: Any, a: Any, b: Any) -> Any:
    """Return the smaller number of each lane, the first where one is NaN."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        a, b = arguments
        return builder.select(builder.fcmp_ordered("<", b, a), b, a)

    return _lanes(a, b), generate


@_instruction
def fma(_typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _call(builder, "fma", arguments)

    return _lanes(a, b, c), generate


@_instruction
def fnma(_typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return c - a b, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _call(builder, "fma", [builder.fneg(arguments[0]), *arguments[1:]])

    return _lanes(a, b, c), generate
