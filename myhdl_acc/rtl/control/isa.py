"""The instruction set: units, operations, and where each field lies in a 256-bit word (docs/instructions.md)."""

from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

INSTRUCTION_BITS = 256

UNITS = ("control", "engine", "load", "vector")
OPS = {
    "control": ("end", "pass", "next", "repeat", "jump", "sequence", "draft", "keep"),
    "engine": ("w2", "w4", "w8", "qk", "pv", "meta"),
    "load": ("slice", "query", "key", "value"),
    "vector": tuple(INSTRUCTIONS),
}

#: Instructions that wait in front of each unit.
QUEUE_DEPTHS = {"read": 16, "engine": 16, "load": 16, "vector": 32}

#: Fields: name → (first bit, width). All units have ``unit`` and ``op``.
COMMON = {"unit": (0, 3), "op": (3, 5)}
#: These share bits with fields of the vector unit that their instructions do not use.
SECOND_NAMES = {
    "eps": (128, 48), "position": (128, 32), "increment": (160, 48), "pair": (208, 16), "address": (128, 32),
    "new": (96, 16), "value_src": (112, 16), "spare": (176, 4), "own": (180, 1),
    "wrap": (181, 1), "alone": (182, 4), "scaled": (14, 1),
}  # fmt: skip
#: What golden.units.resolve makes of a resident instruction; 0 in those that a unit executes.
RESIDENT = {
    "when": (224, 4), "after": (228, 3), "until": (231, 3), "start": (234, 10), "limit": (244, 10), "layered": (254, 1),
}  # fmt: skip
#: Likewise, of the engine: an embedding's row of memory, or how far apart token blocks lie.
EMBEDDING = {"row": (24, 4), "stride": (192, 16)}
#: By unit.
FIELDS = {
    "control": {
        "heads_log2": (16, 4), "chunk_log2": (20, 4), "taps": (24, 2), "renews": (26, 1), "spare": (27, 4),
        "capacity": (32, 32), "sinks": (64, 16), "target": (80, 16), "count": (96, 16), "sequences": (112, 4),
        "number": (116, 4), "stride": (128, 32),
        "when": RESIDENT["when"],
    },
    "engine": {
        "inner": (8, 2), "split": (10, 1), "patch": (11, 2), "release": (13, 1), "more": (14, 1), "heads_log2": (16, 4),
        "tokens": (20, 4), "base": (32, 32), "outer": (64, 16), "middle": (80, 16), "params": (96, 16),
        "slot": (128, 32), "beats": (160, 32), "skip": (208, 16), **EMBEDDING, **RESIDENT,
    },
    "load": {
        "wait": (8, 1), "heads_log2": (16, 4), "heads": (20, 8), "row": (28, 4), "address": (32, 16), "words": (48, 16),
        "valid": (64, 16), "stride": (80, 16), "dims": (96, 16), "entry": (112, 16), **RESIDENT,
    },
    "vector": {
        "cut": (8, 1), "post": (9, 1), "first": (10, 1), "last": (11, 1), "part": (12, 2), "bank": (14, 1),
        "shared": (15, 1), "heads_log2": (16, 4), "heads": (20, 8), "row": (28, 4), "src": (32, 16), "dst": (48, 16),
        "count": (64, 16), "dims": (80, 16), "entry": (96, 16), "stride": (112, 16), "filled": (128, 32),
        "sinks": (160, 16), "exponent": (176, 10), "mantissa": (186, 16),
        **SECOND_NAMES, **RESIDENT,
    },
}  # fmt: skip

#: Fields of the instructions that a unit executes.
EXECUTED = {
    unit: {
        name: place for name, place in fields.items() if name not in RESIDENT | (EMBEDDING if unit == "engine" else {})
    }
    for unit, fields in FIELDS.items()
}
