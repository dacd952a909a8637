"""How long the vector unit takes for an instruction: docs/vector.md, The unit."""

from myhdl_acc.rtl.vector.arith import rope_angle
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.flags import LARGEST, NORM, SCALES
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

#: Cycles from an instruction's acceptance to its first index, but for what it prepares.
ISSUE = 2


def duration(instruction, config):
    """Cycles from the instruction to the next one where nothing waits, and no token is chosen."""
    op, count, lanes = instruction.op, instruction["count"], config.lanes
    row, stages = INSTRUCTIONS[op], lanes.bit_length() - 1
    if op == "angle":
        return 4 + rope_angle.LATENCY
    if op == "select":
        return 5 + (1 << instruction["heads_log2"]) + chain.QUERY
    if op == "gather":
        heads = instruction["heads"] * (instruction["row"] + 1 if instruction["shared"] else 1)
        one_block = 34 + row.latency_with(lanes) + heads * 32 // lanes
        return 3 + row.prepare + count // 32 * one_block
    cycles = 5 + row.latency_with(lanes) + row.prepare + (2 * count - 1 if row.flag("slow") else count)
    if row.flag("segmented"):
        cycles += row.head_wait + stages
    if row.flag("after") == SCALES and instruction["last"]:
        cycles += 5 + stages + (1 << instruction["heads_log2"]) + chain.MIXED
    elif row.flag("after") in (LARGEST, NORM) and instruction["last"]:
        cycles += 3 + stages
    elif row.flag("after") and (row.reduces_always or instruction["last"]):
        cycles += 2 + stages
    return cycles
