"""What a recorded pass executed: its instructions in program order, and what each of the engine's commands waits for.

``program.annotate`` makes the two tables, which lie beside the events of a run (run).
"""

import numpy as np

#: An instruction: ``unit``.``op``; ``command``: number of the engine's command that it is, that it prepares, or, where
#: ``takes``, whose results it takes; ``name``: the region of memory that this command reads; of a command the ``beats``
#: that each lane reads, ``params`` of them parameters.
STEP = np.dtype(
    [
        ("unit", "U7"), ("op", "U16"), ("name", "U64"), ("command", "i4"), ("takes", "?"), ("beats", "i8"),
        ("params", "i8"),
    ]
)  # fmt: skip

#: ``beat`` number ``beat`` of ``command`` cannot pass before instruction ``load`` of the load unit is done and
#: instruction ``vector`` of the vector unit has posted, taken or begun; ``why``: the state of a lane that waits for
#: it. Instructions are numbered in program order, −1 is none.
NEED = np.dtype([("command", "i4"), ("beat", "i8"), ("why", "U10"), ("load", "i4"), ("vector", "i4")])

EMBED, HEAD = "embed", "head"


def layer_of(name):
    """The layer of a region's name as figures call it: ``layer 3``, EMBED or HEAD."""
    first, *rest = name.split(".")
    if first == "layers":
        return f"layer {rest[0]}"
    return EMBED if name == "embedding.rows" else HEAD


def matrix_of(name):
    """A region's name without its layer: ``ffn_down``, ``heads.0.keys``."""
    return name.split(".", 2)[2] if name.startswith("layers.") else name


def labels(steps):
    """What figures call each of ``steps``: by the region that it works on, or else by its layer."""
    found = []
    for unit, op, name, takes in zip(steps["unit"], steps["op"], steps["name"], steps["takes"], strict=True):
        place = layer_of(name) if unit == "vector" and not takes else name
        found.append(f"{place} · {op}")
    return found
