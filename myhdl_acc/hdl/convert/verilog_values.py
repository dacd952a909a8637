"""Follows what MyHDL writes in Verilog for an expression, and which of its bits are right.

Verilog extends all operands of an expression to the widest of them and of the target, and with their signs only if all
of them are signed. MyHDL writes ``$signed({1'b0, x})`` where it takes an expression with an unsigned ``x`` for signed,
but forgets it after a nested operator. ``write`` builds the same expression as the text has; ``worth`` evaluates it.
"""

import ast
from dataclasses import dataclass, field

from myhdl import EnumItemType

from myhdl_acc.hdl.convert.bits import Bits, Unsafe, fits
from myhdl_acc.hdl.convert.ranges import inverted_bits

_INTEGER_BITS = 32
_SIZED = 1 << 30
"""MyHDL writes a literal from here on as an unsigned one with a size."""


@dataclass
class Expression:
    """``kind``: leaf, or an operator whose operands share the context: modular, invert, left, right, divide, choice."""

    kind: str
    span: tuple
    width: int = 0
    signed: bool = False
    parts: list = field(default_factory=list)
    good: int = None  # right bits of a leaf if not all
    cause: Bits = None  # what made bits of a leaf wrong
    amount: tuple = (0, 0)  # of a shift
    bits: int = 0  # of the operand of ~ where the result is not negative

    def settle(self):
        """Set width and sign of an operator from its operands'."""
        self.width = max(part.width for part in self.parts)
        self.signed = all(part.signed for part in self.parts)
        return self


class VerilogValues:
    """Evaluates the annotated expressions of one process."""

    def __init__(self, ranges):
        self.ranges = ranges
        self.signed_context = False

    def assign(self, node, width):
        """Check that the low ``width`` bits of an assigned expression are right."""
        self.signed_context = False
        expression = self.write(node)
        self.check_assigned(expression, width)

    def check_assigned(self, expression, width):
        """Raise Unsafe unless the low ``width`` bits of an expression are right where it is assigned to as many."""
        worth = _worth(expression, max(width, expression.width), expression.signed)
        if worth.good < width and not worth.exact:
            _refuse(worth)

    def condition(self, node):
        """Check an expression that is used as a condition."""
        self.signed_context = False
        _own(self.write(node)).require_exact()

    def write(self, node):
        """The Expression of a node; evaluates what has a context of its own on the way."""
        return getattr(self, f"_{type(node).__name__}")(node)

    def _value(self, node, width, signed):
        return Expression("leaf", self.ranges(node), width, signed)

    def _unsigned_value(self, node, width, written_signed=False):
        """An unsigned operand, for which MyHDL writes a sign bit in a signed context."""
        if self.signed_context and not written_signed:
            return self._value(node, width + 1, True)
        return self._value(node, width, written_signed)

    def _Constant(self, node):
        if isinstance(node.value, bool):
            return self._value(node, 1, False)
        return self._literal(node, int(node.value))

    def _literal(self, node, number):
        if abs(number) < _SIZED:
            return self._value(node, _INTEGER_BITS, True)
        return self._value(node, number.bit_length() + 1, False)

    def _Name(self, node):
        tree = self.ranges.tree
        variable = tree.vardict.get(node.id)
        obj = tree.symdict.get(node.id) if variable is None else variable
        if isinstance(obj, EnumItemType) or self.ranges(node) is None:
            return Expression("leaf", (0, 0), 1)
        if isinstance(obj, bool) or (variable is None and isinstance(obj, int)):
            return self._unsigned_value(node, 1) if variable is not None else self._constant(node, obj)
        if isinstance(obj, int):
            return self._unsigned_value(node, _INTEGER_BITS, True)
        return self._unsigned_value(node, len(obj), obj.min is not None and obj.min < 0)

    def _constant(self, node, number):
        return self._value(node, 1, False) if isinstance(number, bool) else self._literal(node, int(number))

    def _Attribute(self, node):
        if node.attr == "val":
            return self._Name(node.value)
        return self._literal(node, self.ranges(node)[0]) if self.ranges(node) else Expression("leaf", (0, 0), 1)

    def _Subscript(self, node):
        span = self.ranges(node)
        if isinstance(node.slice, ast.Slice):
            if isinstance(node.value, ast.Call):
                return self._value(node, node.vhdOri.size, False)
            expression = self._unsigned_value(node, node.vhdOri.size)
            self.signed_context = False
            return expression
        obj = getattr(node, "obj", None)
        signed = bool(node.signed)
        width = len(obj) if hasattr(obj, "_nrbits") else 1
        if getattr(node.value.obj, "rom", None):
            width, signed = _INTEGER_BITS, True
        expression = self._unsigned_value(node, width, signed)
        self.signed_context = False
        _own(self.write(node.slice)).require_exact()
        expression.span = span
        return expression

    def _Call(self, node):
        self.signed_context = False
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name == "bool":
            _own(self.write(node.args[0])).require_exact()
            return self._value(node, 1, False)
        if name == "int":
            return self.write(node.args[0])
        if name == "signed":
            return self._value(node, self.write(node.func.value).width, True)
        if name == "concat":
            for arg in node.args:
                if not isinstance(arg, ast.Constant):
                    self.write(arg)
            return self._value(node, node.vhdOri.size, False)
        return self._literal(node, self.ranges(node)[0])  # len, intbv(constant)

    def _Compare(self, node):
        self.signed_context = node.signed
        left, right = self.write(node.left), self.write(node.comparators[0])
        self.signed_context = False
        width, signed = max(left.width, right.width), left.signed and right.signed
        for part in (left, right):
            _worth(part, width, signed).require_exact()
        return self._value(node, 1, False)

    def _BoolOp(self, node):
        for part in node.values:
            _own(self.write(part)).require_exact()
        return self._value(node, 1, False)

    def _IfExp(self, node):
        _own(self.write(node.test)).require_exact()
        parts = [self.write(node.body), self.write(node.orelse)]
        return Expression("choice", self.ranges(node), parts=parts).settle()

    def _UnaryOp(self, node):
        operand = self.write(node.operand)
        span = self.ranges(node)
        if isinstance(node.op, ast.Not):
            _own(operand).require_exact()
            return self._value(node, 1, False)
        if isinstance(node.op, ast.Invert):
            return Expression("invert", span, parts=[operand], bits=inverted_bits(node)).settle()
        return Expression("modular", span, parts=[operand]).settle()

    def _BinOp(self, node):
        self.signed_context = node.signed
        left, right = self.write(node.left), self.write(node.right)
        self.signed_context = False
        expression = self.binary(node.op, left, right, self.ranges(node))
        if isinstance(node.op, ast.RShift) and node.signed:  # $signed(...) has a context of its own
            inner = _own(expression)
            return Expression("leaf", inner.span, inner.width, True, good=inner.good, cause=inner.cause)
        return expression

    def binary(self, op, left, right, span):
        """The Expression of an operator between two others."""
        if isinstance(op, ast.LShift | ast.RShift):
            amount = _own(right).require_exact()
            if amount.span[0] < 0:
                raise Unsafe("the shift amount may be negative, which Python refuses; make it unsigned")
            kind = "left" if isinstance(op, ast.LShift) else "right"
            return Expression(kind, span, left.width, left.signed, [left], amount=amount.span)
        kind = "divide" if isinstance(op, ast.FloorDiv | ast.Mod) else "modular"
        return Expression(kind, span, parts=[left, right]).settle()


def _own(expression):
    """The Bits of an expression in a context of its own."""
    return _worth(expression, expression.width, expression.signed)


def _refuse(worth):
    worth.require_exact()
    raise Unsafe("an unsigned operand makes Verilog take this for unsigned")


def _worth(expression, width, signed):
    """The Bits of an expression in a context of ``width`` bits that is ``signed``."""
    span = expression.span
    if expression.kind == "leaf":
        good = expression.width if expression.good is None else expression.good
        whole = good >= expression.width and fits(span, expression.width, expression.signed)
        extended = whole and (signed or not expression.signed or span[0] >= 0)
        return Bits(width, signed, width if extended else min(width, good), span, expression.cause)
    parts = [_worth(part, width, signed) for part in expression.parts]
    good = min(part.good for part in parts)
    if expression.kind == "invert" and expression.bits:
        good = min(good, expression.bits)
    elif expression.kind == "left":
        good = min(width, good + min(expression.amount[0], width))
    elif expression.kind == "right":
        good = width if parts[0].exact else max(0, good - expression.amount[1])
    elif expression.kind == "divide":
        for part in parts:
            part.require_exact()
    cause = next((part.cause or part for part in parts if not part.exact), None)
    return Bits(width, signed, good, span, cause if expression.kind == "right" else None)
