"""Which values an expression of a process can take in Python, where no intermediate result is ever cut."""

import ast

from myhdl import EnumItemType, intbv, modbv
from myhdl._extractHierarchy import _isMem
from myhdl._Signal import _Signal

UNKNOWN = (-(1 << 31), (1 << 31) - 1)
"""Of a variable that is an int: the HDLs give it 32 bits."""

_MOST_SHIFT = 4096
"""Shifting to the left by more changes no conclusion."""


def of_object(value):
    """(least, greatest) of a signal, a constant or a variable's initial value; None for what is not a number."""
    if isinstance(value, _Signal | intbv):
        inner = value._val if isinstance(value, _Signal) else value
        if isinstance(inner, EnumItemType):
            return None
        if isinstance(inner, bool):
            return 0, 1
        if value.min is not None and value.max is not None:
            return int(value.min), int(value.max) - 1
        return 0, (1 << len(value)) - 1
    if isinstance(value, int):
        return int(value), int(value)
    return None


def wraps(value):
    """Whether an assignment to this signal or variable wraps instead of raising an error."""
    return isinstance(value._val if isinstance(value, _Signal) else value, modbv)


def is_memory(value):
    """Whether ``value`` is a list of signals."""
    return isinstance(value, list) and _isMem(value)


class Ranges:
    """Ranges of the expressions of one analysed process."""

    def __init__(self, tree):
        self.tree = tree
        self.loops = {}  # loop variable -> range
        self.known = {}  # node -> range

    def narrow(self, node, low, high):
        """Note that a node's value is within these bounds, since MyHDL raises an error otherwise."""
        least, greatest = self(node)
        self.known[node] = (max(least, low), min(greatest, high))

    def __call__(self, node):
        """(least, greatest) of a node, None if it is not a number."""
        if node not in self.known:
            method = getattr(self, f"_{type(node).__name__}", None)
            self.known[node] = method(node) if method else None
        return self.known[node]

    def constant(self, node):
        """The value of a node that can have only one, else None."""
        found = self(node)
        return found[0] if found and found[0] == found[1] else None

    def _Constant(self, node):
        return of_object(node.value)

    def _Name(self, node):
        if node.id in self.loops:
            return self.loops[node.id]
        if node.id in self.tree.vardict:
            variable = self.tree.vardict[node.id]
            if isinstance(variable, bool):
                return 0, 1
            return UNKNOWN if isinstance(variable, int) else of_object(variable)
        return of_object(self.tree.symdict.get(node.id))

    def _Attribute(self, node):
        return of_object(node.obj) if node.attr in ("min", "max") else self(node.value)

    def _Subscript(self, node):
        value = self(node.value)
        if isinstance(node.slice, ast.Slice):
            if node.slice.lower is None:  # the bits to the top, with their sign
                low = (self.constant(node.slice.upper) or 0) if node.slice.upper else 0
                return value and (value[0] >> low, value[1] >> low)
            return 0, (1 << node.vhdOri.size) - 1
        obj = getattr(node.value, "obj", None)
        if is_memory(obj):
            return of_object(obj[0])
        rom = getattr(obj, "rom", None)
        return (min(rom), max(rom)) if rom else (0, 1)

    def _Call(self, node):
        size = getattr(node.vhdOri, "size", 0)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "signed":
            return -(1 << size - 1), (1 << size - 1) - 1
        if name == "bool":
            return 0, 1
        if name == "int":
            return self(node.args[0])
        if name == "len":
            return of_object(len(node.args[0].obj))
        return 0, (1 << size) - 1

    def _Compare(self, _):
        return 0, 1

    _BoolOp = _Compare

    def _IfExp(self, node):
        body, orelse = self(node.body), self(node.orelse)
        return body and orelse and (min(body[0], orelse[0]), max(body[1], orelse[1]))

    def _UnaryOp(self, node):
        if isinstance(node.op, ast.Not):
            return 0, 1
        value = self(node.operand)
        if value is None or isinstance(node.op, ast.UAdd):
            return value
        if isinstance(node.op, ast.USub):
            return -value[1], -value[0]
        bits = inverted_bits(node)
        ones = (1 << bits) - 1 if bits else -1
        return ones - value[1], ones - value[0]

    def _BinOp(self, node):
        return self.binary(node.op, node.left, node.right)

    def binary(self, op, left, right):
        """(least, greatest) of an operator applied to two nodes."""
        a, b = self(left), self(right)
        if a is None or b is None:
            return None
        if isinstance(op, ast.Add):
            return a[0] + b[0], a[1] + b[1]
        if isinstance(op, ast.Sub):
            return a[0] - b[1], a[1] - b[0]
        if isinstance(op, ast.Mult | ast.LShift | ast.RShift):
            if isinstance(op, ast.Mult):
                corners = [x * y for x in a for y in b]
            else:
                shifts = [min(max(n, 0), _MOST_SHIFT) for n in b]
                corners = [x << n if isinstance(op, ast.LShift) else x >> n for x in a for n in shifts]
            return min(corners), max(corners)
        if isinstance(op, ast.FloorDiv):
            return min(a[0], -a[1] - 1) if a[0] < 0 or b[0] < 0 else 0, max(a[1], -a[0])
        if isinstance(op, ast.Mod):
            return (0, max(b[1] - 1, 0)) if b[0] >= 0 else (b[0], max(b[1], 0))
        return _bitwise(op, a, b)


def _bitwise(op, a, b):
    natural = [x for x in (a, b) if x[0] >= 0]
    if isinstance(op, ast.BitAnd) and natural:
        return 0, min(x[1] for x in natural)
    limit = 1 << max(x.bit_length() for x in (*a, *b))
    return (0 if len(natural) == 2 else -limit), limit - 1


def inverted_bits(node):
    """Width of the operand of ``~`` if the result is not negative: of an unsigned signal or slice; else 0."""
    value = getattr(node.operand, "obj", None)
    if isinstance(node.operand, ast.Subscript) and isinstance(node.operand.slice, ast.Slice):
        return node.operand.vhdOri.size
    if isinstance(node.operand, ast.Name | ast.Subscript) and isinstance(value, _Signal | intbv):
        unsigned = value.min is None or value.min >= 0
        return len(value) if unsigned and not isinstance(getattr(value, "_val", None), bool) else 0
    return 0
