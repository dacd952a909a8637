"""Follows what MyHDL writes in VHDL for an expression, and which of its bits are right.

MyHDL annotates every node with the type that its parent wants (``vhd``) and the one that it takes the node to have
(``vhdOri``); the writer resizes accordingly. These are the same decisions on widths instead of text.
"""

import ast
from copy import copy

from myhdl import EnumItemType
from myhdl._Signal import _Signal
from myhdl.conversion._toVHDL import (
    inferVhdlObj,
    vhd_boolean,
    vhd_enum,
    vhd_int,
    vhd_nat,
    vhd_signed,
    vhd_std_logic,
    vhd_unsigned,
    vhd_vector,
)

from myhdl_acc.hdl.convert.bits import Bits, Unsafe, fits

_INTEGER = vhd_int()
_NATURAL = vhd_nat()
_BOOLEAN = vhd_boolean()


class Value:
    """What one piece of VHDL is: its type ``vhd`` (with its real size) and, for a vector, its Bits."""

    def __init__(self, vhd, span, good=None, cause=None):
        self.vhd = vhd
        self.span = span
        vector = isinstance(vhd, vhd_vector)
        good = vhd.size if good is None and vector else good
        self.bits = Bits(vhd.size, isinstance(vhd, vhd_signed), good, span, cause) if vector else None


def _vector(like, size):
    return (vhd_signed if isinstance(like, vhd_signed) else vhd_unsigned)(size)


def _mismatch():
    return Unsafe("MyHDL writes VHDL whose types do not match")


class VhdlValues:
    """Evaluates the annotated expressions of one process."""

    def __init__(self, ranges):
        self.ranges = ranges

    def assign(self, target, rhs):
        """Check ``target = rhs``; the range of ``rhs`` has been narrowed to the target's."""
        self.check_assigned(target.vhd, self.value(rhs, target.vhd, dest=target.vhd))

    def check_assigned(self, vhd, value):
        """Raise Unsafe unless ``value`` can be assigned to a target of type ``vhd``."""
        if isinstance(vhd, vhd_vector):
            if value.bits is None or type(value.vhd) is not type(vhd) or value.bits.width != vhd.size:
                raise _mismatch()
            if value.bits.good < vhd.size:
                value.bits.require_exact()
                raise _mismatch()
        elif isinstance(vhd, vhd_std_logic):
            if not isinstance(value.vhd, vhd_std_logic):
                raise _mismatch()
        elif isinstance(vhd, vhd_int) and not isinstance(value.vhd, vhd_int):
            raise _mismatch()

    def condition(self, node):
        """Check an expression that is used as a condition."""
        if not isinstance(self.value(node, _BOOLEAN).vhd, vhd_boolean):
            raise _mismatch()

    def cast(self, value, vhd):
        """``value`` as MyHDL converts it to ``vhd``."""
        span, old = value.span, value.vhd
        if isinstance(vhd, vhd_int):
            if value.bits:
                value.bits.require_exact()
            if not isinstance(old, vhd_int):
                _check_integer(span)
            return Value(vhd, span)
        if isinstance(vhd, vhd_vector):
            return self._cast_vector(value, vhd)
        if isinstance(vhd, vhd_boolean):
            if value.bits:
                value.bits.require_exact()
            return Value(vhd, (0, 1))
        if isinstance(vhd, vhd_std_logic) and not isinstance(old, vhd_std_logic):
            if isinstance(old, vhd_signed):
                raise _mismatch()
            if isinstance(old, vhd_unsigned) and not fits(span, 1, False):
                raise Unsafe("VHDL takes the lowest bit where Python takes the whole number; compare it with 0")
            return Value(vhd, span)
        return value

    def _cast_vector(self, value, vhd):
        signed, size, span = isinstance(vhd, vhd_signed), vhd.size, value.span
        if not value.bits:
            if isinstance(value.vhd, vhd_enum) or (span[0] < 0 and not signed):
                raise _mismatch()
            return Value(vhd, span, size)
        bits = value.bits
        good = min(bits.extended, size)
        if signed and bits.signed and size < bits.width and not (bits.exact and fits(span, size, True)):
            good = min(good, size - 1)  # numeric_std keeps the sign
        if bits.signed and not signed and size > bits.width and span[0] < 0:
            good = min(good, bits.width)
        return Value(vhd, span, good, bits.cause)

    def value(self, node, vhd, dest=None):
        """The Value of what is written for a node that is wanted as ``vhd``."""
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            raise Unsafe(f"{type(node).__name__} has no counterpart in HDL")
        if isinstance(node, ast.BinOp | ast.IfExp):
            return method(node, vhd, dest)
        return method(node, vhd)

    def _literal(self, number, vhd):
        span = (number, number)
        if isinstance(vhd, vhd_vector):
            if number < 0 and isinstance(vhd, vhd_unsigned):
                raise _mismatch()
            return Value(vhd, span, vhd.size)
        if isinstance(vhd, vhd_std_logic):
            if number not in (0, 1):
                raise _mismatch()
        elif isinstance(vhd, vhd_int):
            _check_integer(span)
        return Value(vhd, span)

    def _Constant(self, node, vhd):
        if isinstance(node.value, str) or node.value is None:
            return Value(vhd_unsigned(len(node.value or "")), None, 0)
        return self._literal(int(node.value), vhd)

    def _Name(self, node, vhd):
        variable = self.ranges.tree.vardict.get(node.id)
        obj = self.ranges.tree.symdict.get(node.id) if variable is None else variable
        span = self.ranges(node)
        if variable is None and isinstance(obj, int) and not isinstance(obj, _Signal):
            return self._literal(int(obj), vhd)
        if isinstance(obj, EnumItemType) or span is None:
            return Value(vhd, None)
        return self.cast(Value(inferVhdlObj(obj), span), vhd)

    def _Attribute(self, node, vhd):
        if node.attr == "val":
            return self.cast(self._Name(node.value, node.value.vhd), vhd)
        if node.attr in ("min", "max"):
            _check_integer(self.ranges(node))
            return self.cast(Value(_INTEGER, self.ranges(node)), vhd)
        return Value(vhd, None)

    def _Subscript(self, node, vhd):
        span = self.ranges(node)
        if isinstance(node.slice, ast.Slice):
            if isinstance(node.value, ast.Call):
                return Value(vhd, span) if isinstance(vhd, vhd_vector) and vhd.size == node.vhdOri.size else self._no()
            return self.cast(Value(vhd_unsigned(node.vhdOri.size), span), vhd)
        self.value(node.slice, _INTEGER)
        return self.cast(Value(node.vhdOri, span), vhd)

    def _no(self):
        raise _mismatch()

    def _Call(self, node, vhd):
        span = self.ranges(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name == "signed":
            inner = self.value(node.func.value, node.func.value.vhd)
            return self.cast(Value(vhd_signed(node.vhdOri.size), span, inner.bits.good), vhd)
        if name == "concat":
            for arg in node.args:
                part = self.value(arg, arg.vhd)
                if not isinstance(part.vhd, vhd_vector | vhd_std_logic):
                    raise _mismatch()
            return self.cast(Value(vhd_unsigned(node.vhdOri.size), span), vhd)
        if name == "bool":
            return self.value(node.args[0], vhd)
        if name == "int":
            return self.cast(self.value(node.args[0], _INTEGER), vhd)
        if name == "len":
            return self.cast(Value(_INTEGER, span), vhd)
        return Value(vhd, span)  # intbv(constant)

    def _Compare(self, node, vhd):
        left, right = node.left, node.comparators[0]
        a, b = self.value(left, left.vhd), self.value(right, right.vhd)
        for value in (a, b):
            if value.bits:
                value.bits.require_exact()
        if _kind(a) != _kind(b) and {_kind(a), _kind(b)} not in _COMPARABLE:
            raise _mismatch()
        if isinstance(vhd, vhd_boolean | vhd_std_logic):
            return Value(vhd, (0, 1))
        return Value(vhd, (0, 1)) if isinstance(vhd, vhd_vector) else self._no()

    def _BoolOp(self, node, vhd):
        for part in node.values:
            self.condition(part)
        return Value(vhd, (0, 1)) if isinstance(vhd, vhd_boolean | vhd_std_logic) else self._no()

    def _IfExp(self, node, vhd, dest):
        self.condition(node.test)
        parts = [self.value(part, vhd) for part in (node.body, node.orelse)]
        if isinstance(vhd, vhd_vector):
            if any(type(part.vhd) is not type(vhd) or part.bits.width != vhd.size for part in parts):
                raise _mismatch()
            return Value(vhd, self.ranges(node), min(part.bits.good for part in parts))
        return Value(vhd, self.ranges(node)) if isinstance(vhd, vhd_std_logic) else self._no()

    def _UnaryOp(self, node, vhd):
        span, operand = self.ranges(node), node.operand
        if isinstance(node.op, ast.Not):
            self.condition(operand)
            return self.cast(Value(_BOOLEAN, span), vhd)
        if isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant):
            return self._literal(-int(operand.value), vhd)
        value = self.value(operand, operand.vhd)
        if isinstance(node.op, ast.UAdd):
            return self.cast(value, vhd)
        bits = value.bits
        if isinstance(node.op, ast.USub):
            if bits is None:
                if not isinstance(value.vhd, vhd_int):
                    raise _mismatch()
                return self.cast(Value(_INTEGER, span), vhd)
            size = bits.width + (not bits.signed)
            return self.cast(Value(vhd_signed(size), span, min(bits.extended, size)), vhd)
        if bits is None:  # ~ of a bit is -1 or -2 in Python
            if isinstance(value.vhd, vhd_std_logic) and isinstance(vhd, vhd_std_logic):
                return Value(vhd, span)
            raise _mismatch()
        return self.cast(Value(_vector(value.vhd, bits.width), span, bits.good), vhd)

    def _BinOp(self, node, vhd, dest):
        if isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor):
            return self._bitwise(node, vhd, dest)
        return self.binary(node, node.op, node.left, node.right, vhd)

    def _bitwise(self, node, vhd, dest):
        values = []
        for part in (node.left, node.right):
            # MyHDL gives both operands and the result one type object, which a wider context resizes in place.
            value = self.value(part, vhd if getattr(vhd, "widened", None) is part.vhd else part.vhd, dest)
            if dest is not None and isinstance(part, ast.Name) and isinstance(dest, vhd_vector | vhd_std_logic):
                value = self.cast(value, dest)
            values.append(value)
        a, b = values
        if type(a.vhd) is not type(b.vhd) or a.vhd.size != b.vhd.size or isinstance(a.vhd, vhd_int):
            raise _mismatch()
        span = self.ranges(node)
        if a.bits is None:
            return Value(a.vhd, span)
        return Value(_vector(a.vhd, a.bits.width), span, min(a.bits.good, b.bits.good))

    def binary(self, node, op, left, right, vhd):
        """``left op right`` wanted as ``vhd``; ``node`` has the type that MyHDL takes it to have."""
        left_vhd, right_vhd, taken = copy(left.vhd), copy(right.vhd), copy(node.vhdOri)
        left_vhd.widened, right_vhd.widened = left.vhd, right.vhd
        if vhd is not None and vhd.size > taken.size:
            _widen(op, left_vhd, right_vhd, right, taken, vhd.size)
        if isinstance(op, ast.LShift | ast.RShift):
            value = self._shift(op, left, right, left_vhd, self._span(node, op, left, right))
        else:
            a, b = self.value(left, left_vhd), self.value(right, right_vhd)
            value = self._arithmetic(op, a, b, self._span(node, op, left, right))
        if value.bits and (value.bits.width != taken.size or type(value.vhd) is not type(taken)):
            raise _mismatch()
        return self.cast(value, vhd)

    def _span(self, node, op, left, right):
        return self.ranges(node) if isinstance(node, ast.BinOp) else self.ranges.binary(op, left, right)

    def _shift(self, op, left, right, left_vhd, span):
        a = self.value(left, left_vhd)
        amount = self.value(right, _NATURAL)
        if amount.span[0] < 0:
            raise Unsafe("the shift amount may be negative, which Python refuses; make it unsigned")
        if a.bits is None:
            raise Unsafe("MyHDL writes a shift of a number without a width; shift a signal")
        if isinstance(op, ast.LShift):
            return Value(_vector(a.vhd, a.bits.width), span, min(a.bits.good + amount.span[0], a.bits.width))
        good = a.bits.width if a.bits.exact else max(0, a.bits.good - amount.span[1])
        return Value(_vector(a.vhd, a.bits.width), span, good, None if a.bits.exact else a.bits.cause or a.bits)

    def _arithmetic(self, op, a, b, span):
        if a.bits is None and b.bits is None:
            if not (isinstance(a.vhd, vhd_int) and isinstance(b.vhd, vhd_int)):
                raise _mismatch()
            return Value(_INTEGER, span)
        if a.bits and b.bits and a.bits.signed != b.bits.signed:
            raise _mismatch()
        vector = a if a.bits else b
        a, b = (self._cast_number(value, vector.vhd) for value in (a, b))
        good = min(a.bits.extended, b.bits.extended)
        if isinstance(op, ast.Add | ast.Sub):
            size = max(a.bits.width, b.bits.width)
        elif isinstance(op, ast.Mult):
            size = a.bits.width + b.bits.width
        else:
            a.bits.require_exact()
            b.bits.require_exact()
            size = a.bits.width if isinstance(op, ast.FloorDiv) else b.bits.width
        return Value(_vector(vector.vhd, size), span, min(good, size))

    def _cast_number(self, value, vhd):
        """An integer operand as numeric_std makes it a vector as wide as the other one."""
        if value.bits:
            return value
        if not isinstance(value.vhd, vhd_int) or (value.span[0] < 0 and isinstance(vhd, vhd_unsigned)):
            raise _mismatch()
        return Value(copy(vhd), value.span, vhd.size)


def _widen(op, left, right, right_node, taken, size):
    """Resize the types as MyHDL does where the context is wider than what it takes the operation for."""
    vectors = isinstance(left, vhd_vector), isinstance(right, vhd_vector)
    difference, natural = size - taken.size, taken.size
    taken.size = size
    if isinstance(op, ast.LShift | ast.RShift):
        if vectors[0]:
            left.size = size
        else:
            taken.size = natural
    elif isinstance(op, ast.Mult):
        if vectors[0]:
            left.size += difference
        if not all(vectors):
            taken.size = 2 * (left if vectors[0] else right).size
    elif all(vectors):
        if isinstance(op, ast.Add | ast.Sub):
            left.size = size
            if not isinstance(right_node, ast.Name):
                right.size = size
        else:
            (right if isinstance(op, ast.Mod) else left).size = size
    elif any(vectors):
        (left if vectors[0] else right).size = size


def _kind(value):
    if value.bits:
        return "signed" if value.bits.signed else "unsigned"
    if isinstance(value.vhd, vhd_int):
        return "integer"
    return type(value.vhd).__name__


_COMPARABLE = [{"signed", "integer"}, {"unsigned", "integer"}]


def _check_integer(span):
    if span is not None and not fits(span, 32, True):
        raise Unsafe("VHDL's integers have 32 bits; use a signal that is wide enough")
