"""W numbers side by side in one register: the type that carries W problems through the same arithmetic.

Small matrices keep a processor's vector units busy only when many problems share an instruction.  The work space
holds W problems innermost: with ``w = groups(space)``, ``w[i]`` are the W numbers of place i, and ``four(w, i)`` those
of four places in a row.  The usual operators work on them, plain numbers standing for W equal ones.  Every lane does
the same operations in the same order whatever stands beside it, and nothing is reassociated: a problem's bits
depend on no other problem.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

__all__ = [
    "WIDTH",
    "choose",
    "fma",
    "four",
    "get",
    "groups",
    "larger",
    "log",
    "part",
    "pointer",
    "put",
    "put_four",
    "shifted",
    "size",
    "smaller",
    "some",
    "splat",
    "sqrt",
    "zeros",
]

WIDTH = 8  # 512 bits; processors with shorter registers take two or four


class _Lanes(types.Type):
    """Numba's name for the doubles of some places."""

    def __init__(self, places: int) -> None:
        self.places = places
        super().__init__(name=f"Lanes{places}")


class _Mask(types.Type):
    """Numba's name for W times yes or no."""


_ONE, _FOUR, _MASK = _Lanes(1), _Lanes(4), _Mask(name="Mask")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend: Any) -> None:
        super().__init__(manager, frontend, ir.VectorType(ir.DoubleType(), frontend.places * WIDTH))


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend: Any) -> None:
        super().__init__(manager, frontend, ir.VectorType(ir.IntType(1), WIDTH))


def _instruction(function: Callable[..., Any]) -> Any:
    """Make a function of numba's intermediate language callable in compiled code."""
    return intrinsic(prefer_literal=True)(function)


def _common(*kinds: Any) -> Any:
    """Return the type in which values of these types meet; None where none of them is of lanes."""
    places = [kind.places for kind in kinds if isinstance(kind, _Lanes)]
    return _Lanes(max(places)) if places else None


def _picked(builder: Any, vector: Any, lanes: list[int]) -> Any:
    chosen = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), chosen)


def _filled(builder: Any, value: Any, places: int) -> Any:
    """Return a number, or the W numbers of a place, as those of so many places."""
    lanes = places * WIDTH
    if isinstance(value.type, ir.VectorType):
        return value if value.type.count == lanes else _picked(builder, value, [*range(WIDTH)] * places)
    unset = ir.Constant(ir.VectorType(value.type, WIDTH), ir.Undefined)
    return _picked(builder, builder.insert_element(unset, value, ir.Constant(ir.IntType(32), 0)), [0] * lanes)


def _operation(function: Callable[..., Any], make: Callable[..., Any], result: Any = None) -> None:
    """Let an operator of Python work on lanes."""

    @type_callable(function)
    def types_of(_context: Any) -> Any:
        return lambda *kinds: _common(*kinds) and (result or _common(*kinds))

    def generate(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        places = _common(*signature.args).places
        return make(builder, *(_filled(builder, a, places) for a in arguments))

    for kinds in ((_Lanes, _Lanes), (_Lanes, types.Float), (types.Float, _Lanes)):
        lower_builtin(function, *kinds)(generate)


def _comparison(sign: str) -> Callable[..., Any]:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


_operation(operator.add, lambda builder, a, b: builder.fadd(a, b))
_operation(operator.sub, lambda builder, a, b: builder.fsub(a, b))
_operation(operator.mul, lambda builder, a, b: builder.fmul(a, b))
_operation(operator.truediv, lambda builder, a, b: builder.fdiv(a, b))
_operation(operator.lt, _comparison("<"), _MASK)
_operation(operator.le, _comparison("<="), _MASK)
_operation(operator.gt, _comparison(">"), _MASK)
_operation(operator.ge, _comparison(">="), _MASK)
_operation(operator.eq, _comparison("=="), _MASK)


def _logic(function: Callable[..., Any], kind: Any, n: int, make: Callable[..., Any]) -> None:
    """Let an operator of Python work on one type."""

    @type_callable(function)
    def types_of(_context: Any) -> Any:
        return lambda *kinds: kinds[0] if all(isinstance(k, kind) for k in kinds) else None

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return make(builder, *arguments)

    lower_builtin(function, *[kind] * n)(generate)


_logic(operator.and_, _Mask, 2, lambda builder, a, b: builder.and_(a, b))
_logic(operator.or_, _Mask, 2, lambda builder, a, b: builder.or_(a, b))
_logic(operator.invert, _Mask, 1, lambda builder, a: builder.not_(a))
_logic(operator.neg, _Lanes, 1, lambda builder, a: builder.fneg(a))


def _first(context: Any, builder: Any, array: Any, value: Any) -> Any:
    return builder.extract_value(value, context.data_model_manager[array].get_field_position("data"))


@_instruction
def pointer(_typing: Any, array: Any) -> Any:
    """Return where the numbers of a C-ordered array start."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _first(context, builder, signature.args[0], arguments[0])

    return types.CPointer(array.dtype)(array), generate


@_instruction
def groups(_typing: Any, array: Any) -> Any:
    """Return where the places of a work space start; every place is one line of the processor's cache."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = _first(context, builder, signature.args[0], arguments[0])
        return builder.bitcast(first, context.get_value_type(signature.return_type))

    return types.CPointer(_ONE)(array), generate


@_instruction
def shifted(_typing: Any, start: Any, _count: Any) -> Any:
    """Return the pointer that is ``count`` numbers further on."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return start(start, types.intp), generate


def _number(builder: Any, w: Any, place: Any, lane: Any) -> Any:
    first = builder.bitcast(builder.gep(w, [place]), ir.DoubleType().as_pointer())
    return builder.gep(first, [lane])


@_instruction
def get(_typing: Any, w: Any, _place: Any, _lane: Any) -> Any:
    """Return the number of one lane."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(_number(builder, *arguments))

    return types.float64(w, types.intp, types.intp), generate


@_instruction
def put(_typing: Any, w: Any, _place: Any, _lane: Any, _value: Any) -> Any:
    """Put the number of one lane."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[3], _number(builder, *arguments[:3]))
        return context.get_dummy_value()

    return types.void(w, types.intp, types.intp, types.float64), generate


def _places(context: Any, builder: Any, w: Any, place: Any) -> Any:
    return builder.bitcast(builder.gep(w, [place]), context.get_value_type(_FOUR).as_pointer())


@_instruction
def four(_typing: Any, w: Any, _place: Any) -> Any:
    """Return the numbers of four places in a row."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value = builder.load(_places(context, builder, *arguments))
        value.align = 8 * WIDTH
        return value

    return _FOUR(w, types.intp), generate


@_instruction
def put_four(_typing: Any, w: Any, _place: Any, _value: Any) -> Any:
    """Put the numbers of four places in a row."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _places(context, builder, *arguments[:2])).align = 8 * WIDTH
        return context.get_dummy_value()

    return types.void(w, types.intp, _FOUR), generate


@_instruction
def part(_typing: Any, value: Any, which: Any) -> Any:
    """Return the numbers of one of four places; which is a literal."""
    first = which.literal_value * WIDTH

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _picked(builder, arguments[0], [*range(first, first + WIDTH)])

    return _ONE(value, which), generate


@_instruction
def splat(_typing: Any, _value: Any) -> Any:
    """Return one number in every lane."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _filled(builder, arguments[0], 1)

    return _ONE(types.float64), generate


@_instruction
def zeros(_typing: Any) -> Any:
    """Return zeros in four places."""

    def generate(context: Any, _builder: Any, _signature: Any, _arguments: Any) -> Any:
        return ir.Constant(context.get_value_type(_FOUR), [0.0] * (4 * WIDTH))

    return _FOUR(), generate


def _function(name: str, text: str, n: int) -> Any:
    """Return an intrinsic that is a mathematical function of LLVM."""

    def generate(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        places = signature.return_type.places
        values = [_filled(builder, a, places) for a in arguments]
        kind = ir.FunctionType(values[0].type, [v.type for v in values])
        find: Any = cgutils.get_or_insert_function
        return builder.call(find(builder.module, kind, f"llvm.{name}.v{places * WIDTH}f64"), values)

    def one(_typing: Any, a: Any) -> Any:
        return a(a), generate

    def three(_typing: Any, a: Any, b: Any, c: Any) -> Any:
        return _common(a, b, c)(a, b, c), generate

    function: Any = {1: one, 3: three}[n]
    function.__doc__ = text
    return _instruction(function)


fma = _function("fma", "Return a b + c, rounded once.", 3)
sqrt = _function("sqrt", "Return the square root; NaN where a lane is negative.", 1)
size = _function("fabs", "Return |a|.", 1)
log = _function("log", "Return the natural logarithm.", 1)


@_instruction
def choose(_typing: Any, mask: Any, a: Any, b: Any) -> Any:
    """Return a in lanes where the mask holds, else b."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.select(arguments[0], *(_filled(builder, v, 1) for v in arguments[1:]))

    return _ONE(mask, a, b), generate


@_instruction
def some(_typing: Any, mask: Any) -> Any:
    """Say whether the mask holds in any lane."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(mask), generate


def _extreme(sign: str, text: str) -> Any:
    def extreme(_typing: Any, a: Any, b: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            a, b = (_filled(builder, v, 1) for v in arguments)
            return builder.select(builder.fcmp_ordered(sign, b, a), b, a)

        return _ONE(a, b), generate

    extreme.__doc__ = text
    return _instruction(extreme)


larger = _extreme(">", "Return the larger number of each lane, the first where one is NaN.")
smaller = _extreme("<", "Return the smaller number of each lane, the first where one is NaN.")
