"""Where in a user's source an error comes from."""

import ast
import os

import myhdl

from myhdl_acc.hdl import circuit

_TOOLS = tuple(os.path.dirname(file) for file in (myhdl.__file__, ast.__file__, circuit.__file__, __file__))


def place_of(error):
    """``file.py:line`` of the expression that was converted, or of the block that was elaborated; else ``""``."""
    place, traceback = "", error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        node, visitor = frame.f_locals.get("node"), frame.f_locals.get("self")
        tree = getattr(visitor, "tree", getattr(visitor, "data", None))
        if isinstance(node, ast.AST) and hasattr(node, "lineno") and hasattr(tree, "sourcefile"):
            place = f"{os.path.basename(tree.sourcefile)}:{tree.lineoffset + node.lineno}"
        elif not frame.f_code.co_filename.startswith(_TOOLS) and os.path.isfile(frame.f_code.co_filename):
            place = f"{os.path.basename(frame.f_code.co_filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
