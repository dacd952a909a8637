"""What a process assigns to signals, and which names decide about the value."""

import ast
import functools
import inspect
import os
import textwrap


@functools.cache
def assignments(code):
    """``([(target, reads, place)], waits)`` of the code object of a process: every assignment of a signal, in order.

    ``target`` and the set ``reads`` are dotted names, as ``sink.valid``, of whatever it is; conditions around the
    assignment and what variables were computed from are among the reads. ``place`` is ``file.py:line``. ``waits`` is
    the set of names that a generator yields.
    """
    lines, first = inspect.getsourcelines(code)
    function = ast.parse(textwrap.dedent("".join(lines))).body[0]
    walk = _Walk()
    walk.all(function.body)
    file = os.path.basename(code.co_filename)
    found = [(target, reads, f"{file}:{first + line - 1}") for (target, line), reads in walk.found.items()]
    return found, walk.waits


class _Walk:
    """Follows the statements of a process in order."""

    def __init__(self):
        self.found = {}  # (target, line) -> reads
        self.waits = set()
        self._variables = {}  # local variable -> what it was computed from
        self._conditions = set()

    def all(self, statements):
        for statement in statements:
            getattr(self, f"_{type(statement).__name__}", self._nothing)(statement)

    def _nothing(self, statement):
        pass

    def _Expr(self, statement):
        if isinstance(statement.value, ast.Yield):
            self.waits |= self._reads(statement.value)

    def _Assign(self, statement):
        reads = self._reads(statement.value)
        for target in statement.targets:
            self._assign(target, reads)

    def _AugAssign(self, statement):
        self._assign(statement.target, self._reads(statement.value) | self._reads(statement.target))

    def _If(self, statement):
        self._branches(statement.test, statement.body, statement.orelse)

    def _While(self, statement):
        self._loop(lambda: self._branches(statement.test, statement.body, []))

    def _For(self, statement):
        self._assign(statement.target, self._reads(statement.iter))
        self._loop(lambda: self.all(statement.body))

    def _loop(self, once):
        """What an iteration computes may be read in the next one."""
        once()
        once()

    def _branches(self, test, *branches):
        outer, before, after = self._conditions, self._variables, {}
        self._conditions = outer | self._reads(test)
        for branch in branches:
            self._variables = dict(before)
            self.all(branch)
            for name, reads in self._variables.items():
                after[name] = after.get(name, set()) | reads
        self._conditions, self._variables = outer, after

    def _assign(self, target, reads):
        reads = reads | self._conditions
        part = False
        while isinstance(target, ast.Subscript):
            reads, target, part = reads | self._reads(target.slice), target.value, True
        if isinstance(target, ast.Name):
            self._variables[target.id] = reads | (self._variables.get(target.id, set()) if part else set())
        elif isinstance(target, ast.Attribute) and target.attr == "next":
            signal = target.value
            while isinstance(signal, ast.Subscript):
                reads, signal = reads | self._reads(signal.slice), signal.value
            key = _dotted(signal), target.lineno
            self.found[key] = self.found.get(key, set()) | reads

    def _reads(self, node):
        name = _dotted(node)
        if name is not None:
            return self._variables.get(name, {name})
        return set().union(*map(self._reads, ast.iter_child_nodes(node)))


def _dotted(node):
    """``a.b.c`` of a name or of attributes of one, else None."""
    if isinstance(node, ast.Name):
        return node.id
    inner = _dotted(node.value) if isinstance(node, ast.Attribute) else None
    return inner and f"{inner}.{node.attr}"
