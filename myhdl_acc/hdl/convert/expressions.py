"""Refuses an expression that is not worth the same in Python, VHDL and Verilog.

Python's integers have no width; an intermediate result in HDL has one. What only cuts high bits that the target does
not have is right all the same. What looks at the whole number (a shift to the right, a comparison, a division, an
extension of the sign) needs an intermediate result that is whole, in VHDL as MyHDL writes it (vhdl_values.py) and in
Verilog (verilog_values.py).
"""

import ast

from myhdl import delay, downrange, intbv, modbv, now
from myhdl._concat import concat
from myhdl._Signal import _Signal, negedge, posedge
from myhdl.conversion import _toVerilog, _toVHDL

from myhdl_acc.hdl.convert.bits import Unsafe
from myhdl_acc.hdl.convert.ranges import Ranges, of_object, wraps
from myhdl_acc.hdl.convert.verilog_values import VerilogValues
from myhdl_acc.hdl.convert.vhdl_values import VhdlValues

_FUNCTIONS = (concat, bool, int, len, intbv, modbv, print, range, downrange, delay, now, posedge, negedge, intbv.signed)
_INSTEAD = {"abs": "-x if x < 0 else x", "min": "a if a < b else b", "max": "a if a > b else b"}


def check_calls(tree, fail):
    """Refuse functions and conditional expressions for which MyHDL writes HDL that does not work."""
    whole = set()
    for node in _nodes(tree):
        if isinstance(node, ast.Assign):
            whole.add(node.value)
        elif isinstance(node, ast.IfExp):
            if node not in whole:
                fail(node, "a conditional expression within an expression is read differently; assign it to a signal")
            whole.update((node.body, node.orelse))
        elif isinstance(node, ast.Call):
            _check_call(node, fail)
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            fail(node, f"{node.value} is not a whole number")


def _nodes(tree):
    """All nodes of a process without its decorators."""
    return [node for statement in tree.body[0].body for node in ast.walk(statement)]


def _check_call(node, fail):
    function = getattr(node.func, "obj", None)
    if isinstance(function, type) and issubclass(function, Exception | intbv):
        return
    if any(function is known or function == known for known in _FUNCTIONS):
        return
    name = getattr(function, "__name__", ast.unparse(node.func))
    if name in _INSTEAD:
        fail(node, f"{name}() does not convert; write {_INSTEAD[name]}")
    fail(node, f"{name}() does not convert; write its expression here, or make it a block")


def use_if_instead_of_case(tree):
    """Keep MyHDL from a ``case`` whose choices it got wrong: it takes a negative or computed number for -1."""
    for node in _nodes(tree):
        if isinstance(node, ast.If) and getattr(node, "isCase", False):
            choices = [test.comparators[0] for test, _ in node.tests]
            if not all(_is_choice(tree, choice) for choice in choices):
                node.isCase = node.isFullCase = False


def _is_choice(tree, node):
    if isinstance(node, ast.Name) and (node.id in tree.vardict or isinstance(tree.symdict.get(node.id), _Signal)):
        return False
    value = getattr(node, "obj", None)
    return isinstance(node, ast.Constant | ast.Name | ast.Attribute) and (not isinstance(value, int) or value >= 0)


def annotate(tree):
    """Let MyHDL note the types that both HDLs give to the expressions of a process."""
    for module in (_toVHDL, _toVerilog):
        module._AnnotateTypesVisitor(tree).visit(tree)


class Statements(ast.NodeVisitor):
    """Checks every statement of an analysed and annotated process; ``fail(node, problem)`` raises the error."""

    def __init__(self, tree, fail):
        self.tree, self.fail = tree, fail
        self.ranges = Ranges(tree)
        self.vhdl, self.verilog = VhdlValues(self.ranges), VerilogValues(self.ranges)

    def both(self, node, vhdl, verilog):
        """Run a check of either HDL on behalf of a node."""
        for name, check in (("VHDL", vhdl), ("Verilog", verilog)):
            try:
                check()
            except Unsafe as problem:
                text = str(problem).replace("{}", name)
                if name not in text:
                    text += f" ({name})"
                instead = "assign it to a signal that is wide enough first"
                if any(isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub) for part in ast.walk(node)):
                    instead += "; write 0 - x for -x"
                self.fail(node, f"{ast.unparse(node)}: {text}; {instead}")

    def visit_FunctionDef(self, node):
        for statement in node.body:
            self.visit(statement)

    def visit_Assign(self, node):
        target, value = node.targets[0], node.value
        if isinstance(value, ast.ListComp) or _is_declaration(value):
            return
        if isinstance(value, ast.Subscript) and getattr(getattr(value.value, "obj", None), "rom", None):
            self._index(node, value.slice)
            return
        for part in ast.walk(target):
            if isinstance(part, ast.Subscript) and not isinstance(part.slice, ast.Slice):
                self._index(node, part.slice)
        if target.vhd is None or self.ranges(value) is None:  # states, texts
            if isinstance(value, ast.IfExp):
                self.fail(node, "a conditional expression of states has no counterpart in VHDL; write if and else")
            return
        self._narrow(target, value)
        width = 32 if isinstance(target.vhd, _toVHDL.vhd_int) else target.vhd.size
        self.both(node, lambda: self.vhdl.assign(target, value), lambda: self.verilog.assign(value, width))

    def _index(self, node, index):
        vhdl = self.vhdl
        self.both(node, lambda: vhdl.value(index, _toVHDL.vhd_int()), lambda: self.verilog.condition(index))

    def _narrow(self, target, value):
        """MyHDL has already refused to assign what is not within the target's bounds."""
        obj = target
        while isinstance(obj, ast.Attribute | ast.Subscript):
            if isinstance(obj, ast.Subscript) and isinstance(target.vhd, _toVHDL.vhd_vector | _toVHDL.vhd_std_logic):
                low = -(1 << target.vhd.size) if isinstance(obj.slice, ast.Slice) else 0
                if isinstance(getattr(obj.value, "obj", None), list):
                    break
                self.ranges.narrow(value, low, (1 << target.vhd.size) - 1)
                return
            obj = obj.value
        obj = getattr(obj, "obj", None)
        element = obj[0] if isinstance(obj, list) else obj
        bounds = of_object(element)
        if bounds is not None and not wraps(element) and isinstance(element, _Signal | intbv):
            self.ranges.narrow(value, *bounds)

    def visit_AugAssign(self, node):
        target, value, op = node.target, node.value, node.op
        span = self.ranges.binary(op, target, value)
        if span is None:
            return
        self.both(node, lambda: self._vhdl_update(node, span), lambda: self._verilog_update(node, span))

    def _vhdl_update(self, node, span):
        target, value, op = node.target, node.value, node.op
        if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor):
            result = self.vhdl.value(value, value.vhd)
        else:
            result = self.vhdl.binary(node, op, target, value, node.vhd)
        self.vhdl.check_assigned(target.vhd, result)

    def _verilog_update(self, node, span):
        self.verilog.signed_context = False
        left, right = self.verilog.write(node.target), self.verilog.write(node.value)
        expression = self.verilog.binary(node.op, left, right, span)
        self.verilog.check_assigned(expression, left.width)

    def visit_If(self, node):
        if node.ignore:
            return
        for test, body in node.tests:
            self._condition(test)
            for statement in body:
                self.visit(statement)
        for statement in node.else_:
            self.visit(statement)

    def visit_While(self, node):
        self._condition(node.test)
        for statement in node.body:
            self.visit(statement)

    def visit_Assert(self, node):
        self._condition(node.test)

    def _condition(self, test):
        if isinstance(test, ast.Constant):
            return
        self.both(test, lambda: self.vhdl.condition(test), lambda: self.verilog.condition(test))

    def visit_For(self, node):
        bounds = [self.ranges(argument) or (0, 0) for argument in node.iter.args]
        ends = [end for bound in bounds for end in bound] + [0] * (len(bounds) == 1)
        self.ranges.loops[node.target.id] = (min(ends), max(max(ends) - 1, min(ends)))
        for statement in node.body:
            self.visit(statement)

    def visit_Expr(self, node):
        """print, yield and texts have no value that hardware depends on."""


def _is_declaration(value):
    """Whether an assigned expression makes a variable: intbv(0)[8:], intbv(0, min=…, max=…)."""
    if isinstance(value, ast.Subscript):
        value = value.value
    function = getattr(getattr(value, "func", None), "obj", None)
    return isinstance(value, ast.Call) and isinstance(function, type) and issubclass(function, intbv)
