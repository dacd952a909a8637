"""Refuses what MyHDL converts without a word into something that does not behave like the simulation.

MyHDL's own warnings are errors, too (see worker.py). Each check has a minimal offending block in its test, and
docs/conversion.md says what to write instead.
"""

import ast
import re

from myhdl import intbv
from myhdl._extractHierarchy import _UserCode
from myhdl._ShadowSignal import ConcatSignal
from myhdl._Signal import _Signal

from myhdl_acc.hdl.convert.entity import is_output
from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.hdl.convert.expressions import Statements, annotate, check_calls, use_if_instead_of_case
from myhdl_acc.hdl.convert.keywords import KEYWORDS

_IDENTIFIER = re.compile(r"[a-z](_?[a-z0-9])*", re.IGNORECASE)


def check_reserved(what, name):
    """Refuse a reserved word of VHDL or Verilog."""
    if name.lower() in KEYWORDS:
        raise ConversionError(f"{what} {name!r} is a reserved word in VHDL or Verilog; rename it")


def check_name(what, name):
    """Refuse a name that is not an identifier in both VHDL and Verilog."""
    check_reserved(what, name)
    if not _IDENTIFIER.fullmatch(name):
        raise ConversionError(
            f"{what} {name!r} is not an identifier in VHDL: begin with a letter, no double or final underscore"
        )


def check_analysis(entity, outputs, ports, signals, processes):
    """Checks on what MyHDL inferred before it writes anything.

    ``outputs`` is the entity's declaration, ``ports`` maps flattened port names to signals, ``signals`` is every named
    signal and ``processes`` the analysed syntax trees.
    """
    for name, sig in ports.items():
        check_name(f"{entity}: port", name)
        _check_direction(entity, outputs, name, sig)
    for sig in signals:
        check_reserved(f"{entity}: signal", sig._name)
        if isinstance(sig, ConcatSignal):
            _check_concatenation(entity, sig)
    for tree in processes:
        if not isinstance(tree, _UserCode):
            check_process(entity, tree)


def check_syntax(entity, processes):
    """Checks on what was analysed that must come before MyHDL gives types to it."""
    for tree in processes:
        if not isinstance(tree, _UserCode):
            check_calls(tree, _Expressions(entity, tree).fail)


def check_process(entity, tree):
    """Checks on one analysed process."""
    _check_names_known(entity, tree)
    expressions = _Expressions(entity, tree)
    expressions.visit(tree)
    annotate(tree)
    Statements(tree, expressions.fail).visit(tree)
    use_if_instead_of_case(tree)


def _check_direction(entity, outputs, name, sig):
    if is_output(name, outputs) and not sig._driven:
        raise ConversionError(f"{entity}: port {name} is an output, but nothing drives it")
    if not is_output(name, outputs) and sig._driven:
        raise ConversionError(f"{entity}: port {name} is driven, but is not among the entity's outputs")


def _check_concatenation(entity, sig):
    for part in sig._args:
        if isinstance(part, ConcatSignal):
            raise ConversionError(
                f"{entity}: {sig._name} is a ConcatSignal of a ConcatSignal; write one flat ConcatSignal"
            )
        if isinstance(part, _Signal) and part._name is None:
            raise ConversionError(
                f"{entity}: {sig._name} contains a signal without a name, which would be constant; give it a local name"
            )
        if isinstance(part, _Signal) and part._min is not None and part._min < 0:
            raise ConversionError(
                f"{entity}: {sig._name} contains the signed signal {part._name}; assign its bits to an unsigned one"
            )


def _check_names_known(entity, tree):
    """A signal that has no name in the HDL is written as its initial value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            sig = tree.symdict.get(node.id)
            if isinstance(sig, _Signal) and sig._name is None:
                raise ConversionError(
                    f"{entity}: {tree.name} uses {node.id}, which has no name in the HDL and would be constant "
                    "(a slice of an interface's signal? Copy the signal to a local one first)"
                )


def _is_signed(value):
    return isinstance(value, _Signal | intbv) and value.min is not None and value.min < 0


def _width(node):
    """Bits of an expression whose type is a signal's or a slice's, else None."""
    value = getattr(node, "obj", None)
    if isinstance(node, ast.Name | ast.Subscript) and isinstance(value, _Signal | intbv):
        return value._nrbits or None
    return None


class _Expressions(ast.NodeVisitor):
    """Refuses operators whose meaning differs between Python and the HDLs."""

    def __init__(self, entity, tree):
        self.entity, self.tree = entity, tree

    def fail(self, node, problem):
        raise ConversionError(f"{self.entity}: {self.tree.name}, {self.source(node)}: {problem}")

    def source(self, node):
        """File and line of a node; MyHDL's trees count lines from the function's first."""
        file = self.tree.sourcefile.rsplit("/", 1)[-1]
        return f"{file}:{self.tree.lineoffset + node.lineno}"

    def visit_BinOp(self, node):
        self.check(node, node.op, node.left, node.right)

    def visit_AugAssign(self, node):
        self.check(node, node.op, node.target, node.value)

    def check(self, node, op, left, right):
        self.generic_visit(node)
        if isinstance(op, ast.FloorDiv | ast.Mod):
            self.check_division(node, op, left, right)
        elif isinstance(op, ast.BitOr | ast.BitXor | ast.Mult):
            for constant, other in ((left, right), (right, left)):
                self.check_literal(node, constant, other)

    def check_division(self, node, op, *operands):
        parts = [part for operand in operands for part in ast.walk(operand)]
        negative = any(isinstance(part, ast.USub | ast.Sub) for part in parts)
        values = [getattr(part, "obj", None) for part in parts]
        if any(map(_is_signed, values)) or (negative and any(isinstance(v, _Signal | intbv) for v in values)):
            sign = "//" if isinstance(op, ast.FloorDiv) else "%"
            self.fail(node, f"{sign} of a signed value rounds towards zero in HDL; use a shift or a slice")

    def check_literal(self, node, constant, other):
        value, width = getattr(constant, "obj", None), _width(other)
        literal = isinstance(constant, ast.Constant | ast.Name) and type(value) is int
        if literal and width and value.bit_length() > width - _is_signed(getattr(other, "obj", None)):
            self.fail(node, f"the literal {value} is cut to the {width} bits of the other operand; widen that first")


def check_text(entity, text):
    """Refuse output with traces of an object that MyHDL could not name, and VHDL's slices of slices."""
    code = "\n".join(re.sub(r"--.*|//.*", "", line) for line in text.splitlines())
    for pattern in (r"\bNone\b", r"(?<![\w\]])\d+\s*\[", r"downto [^()]*\)\("):
        found = re.search(pattern, code)
        if found:
            line = code[: found.start()].count("\n")
            raise ConversionError(f"{entity}: MyHDL wrote {text.splitlines()[line].strip()!r}")
