"""The ports of the vector unit's entities, without clock and reset, for cycle_bench."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.record import Array, Record, signed
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.vector.arith.argmax import candidate
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.head_table import SCALES_BITS


def unsigned(width):
    return Signal(intbv(0)[width:])


def flag():
    return Signal(bool(0))


def number(width):
    return Signal(signed(width))


def column_memory(config):
    bits = records.address_bits(config)
    return {
        "read": Record(enable=1, address=bits, value_address=bits - 1),
        "take": flag(),
        "result": records.result(config),
        "write": Record(word=1, address=bits, value=1, value_address=bits - 1),
        "data": number(32),
        "words": records.operands(config),
        "config": config,
    }


def live_token(config):
    return {
        "number": unsigned(6),
        "token": records.token(),
        "only_filled": flag(),
        "limit": unsigned(32),
        "left_out": records.left_out(),
        "alive": flag(),
        "config": config,
    }


def requantise_path(config):
    return {
        "path": unsigned(2),
        "operands": records.result(config),
        "step": scale(),
        "query": records.query(),
        "mixed": Record(total=signed(config.acc_bits + 5), correction=signed(32), scale=scale()),
        "y": number(32),
        "lanes": config.lanes,
    }


def softmax_path(config):
    return {
        "score": number(32),
        "value": unsigned(32),
        "reference": number(33),
        "places": number(records.PLACES_BITS),
        "numerator": unsigned(16),
        "weight": unsigned(7),
    }


def column_statistics(config):
    return {
        "track": records.column_control(config).statistics,
        "addends": Record(square=34, numerator=16, level=signed(8), weight=7, zero=signed(8)),
        "step": number(25),
        "value": number(32),
        "take": Record(commit=1, fresh=1, alive=1),
        "total_sum": number(config.acc_bits),
        "reduce": unsigned(2),
        "reduction": number(records.REDUCTION_BITS),
    }


def column_held(config):
    return {
        "capture": records.captures(),
        "shift": records.shifts().only("word", "statistic", "query", "mixed"),
        "push": flag(),
        "level": unsigned(8),
        "reduced": number(records.REDUCTION_BITS),
        "entering": records.entering(),
        "following": records.held(),
        "kept": records.kept(),
        "held": records.held(),
    }


def column(config):
    return {
        "number": unsigned(6),
        "control": records.column_control(config),
        "scales": records.row_scales(),
        "result": records.result(config),
        "from_row": records.from_row(),
        "following": records.held(),
        "to_row": records.into_row(),
        "given": records.given(),
        "held": records.held(),
        "config": config,
    }


def rope_pair(config):
    return {
        "angle": Record(write=1, written=4, read=4, cosine=signed(18), sine=signed(18)),
        "issue": flag(),
        **{name: number(32) for name in ("even", "odd", "rotated_even", "rotated_odd")},
    }


def head_table(config):
    return {
        "write": Record(entry=8, scales=1, sum=1, new_scales=SCALES_BITS, new_sum=17),
        "entry": unsigned(8),
        "found": Record(scales=SCALES_BITS, sum=17),
        "other_entry": unsigned(8),
        "parameter_word": unsigned(32),
    }


def head_scales(config):
    return {
        "table": records.table_writes(),
        "made": records.made_scales().only("step", "inverse", "late_drop", "range", "norm"),
        "new_sum": unsigned(17),
        "constant": scale(),
        "head": records.head_scales(),
        "query": records.query(),
        "other_entry": unsigned(8),
        "entry_word": unsigned(32),
    }


def vector_scales(config):
    return {
        "source": unsigned(2),
        "capture": records.row_captures(),
        "enabled": flag(),
        "reduced": number(records.REDUCTION_BITS),
        "shared_peak": unsigned(32),
        "eps": unsigned(48),
        "drop": unsigned(4),
        "made": records.made_scales(),
        "step": scale(),
        "peak": unsigned(32),
        "lanes": config.lanes,
    }


def row_peaks(config):
    return {"peaks": Array("row", [unsigned(32) for _ in range(config.rows)]), "largest": unsigned(32)}


def weight_scales(config):
    return {"statistic": records.statistic(), "mixed": scale()}


def row_columns(config):
    return {
        "control": records.column_control(config),
        "scales": records.row_scales(),
        "join": records.join(),
        "angle": records.angle(config),
        "results": Array("lane", [records.result(config) for _ in range(config.lanes)]),
        "given": Array("lane", [records.from_column() for _ in range(config.lanes)]),
        "word": unsigned(256),
        "statistic": records.statistic(),
        "reduced": number(records.REDUCTION_BITS),
        "config": config,
    }


def row(config):
    return {
        "number": unsigned(4),
        "control": records.column_control(config),
        "row_control": records.row_control(config),
        "shared": Record(drained=1, row=len(records.activation_write().row), peak=32),
        "results": Array("lane", [records.result(config) for _ in range(config.lanes)]),
        "other_entry": unsigned(8),
        "given": Array("lane", [records.from_column() for _ in range(config.lanes)]),
        "word": unsigned(256),
        "peak": unsigned(32),
        "entry_word": unsigned(32),
        "config": config,
    }


def vector_decode(config):
    return {"word": unsigned(256), "accept": flag(), "now": records.instruction(), "lanes": config.lanes}


def arrivals(config):
    return {
        "clear": flag(),
        "start": flag(),
        "now": records.instruction().only("latency", "dst", "heads_log2"),
        "index": records.index().only("issue", "fresh", "end"),
        "arrival": records.arrival(),
        "config": config,
    }


def head_statistics(config):
    names = ("from_range", "from_squares", "use_table", "track_total", "activation")
    return {
        "start": flag(),
        "first_entry": unsigned(8),
        "push": flag(),
        "flags": records.instruction().flags.only(*names),
        "table": records.table_writes().only("written", "scales", "sum"),
        "shown": Record(high=1, total=1, low=1),
        "pending": flag(),
        "lanes": config.lanes,
    }


def column_shifts(config):
    now = records.instruction()
    flags = now.flags.only("selects", "after")
    return {
        "columns": flag(),
        "cycle": unsigned(8),
        "now": Record(**now.only("entry", "stride", "heads", "heads_log2").members(), flags=flags),
        "shift": records.shifts().only("query", "statistic", "mixed", "head"),
        "entry": unsigned(8),
        "shifted": flag(),
    }


def activation_writes(config):
    now = records.instruction()
    return {
        "start": flag(),
        "drain": flag(),
        "commit": flag(),
        "now": Record(
            **now.only("dst", "stride", "heads", "row", "shared").members(), flags=now.flags.only("activation")
        ),
        "activation": records.activation_write(),
        "shift": flag(),
        "drained": flag(),
        "early": flag(),
        "give": flag(),
        "lanes": config.lanes,
    }


def lane_writes(config):
    now = records.instruction()
    flags = now.flags.only("after", "push_byte", "step")
    return {
        "start": flag(),
        "pad": flag(),
        "arrival": records.arrival().only("commit", "last"),
        "none_left": flag(),
        "now": Record(**now.only("first", "row", "heads", "address").members(), flags=flags),
        "orders": records.lane_orders().only("push_half", "logits"),
        "whole_beats": flag(),
        "config": config,
    }


def phases(config):
    now = records.instruction()
    flags = now.flags.only("makes_angle", "selects", "push_byte", "step", "after")
    names = ("none_left", "block_end", "settled", "drained", "whole_beats", "shifted")
    return {
        "accept": flag(),
        "now": Record(**now.only("prepare", "last").members(), flags=flags),
        "seen": Record(**dict.fromkeys(names, 1)),
        "draws": flag(),
        "phase": unsigned(4),
        "cycle": unsigned(8),
        "config": config,
    }


def token_search(config):
    return {
        "keep": flag(),
        "bests": Array("lane", [Array("row", [candidate() for _ in range(config.rows)]) for _ in range(config.lanes)]),
        "token": unsigned(32 * config.rows),
        "config": config,
    }


def reduction(config):
    now = records.instruction()
    flags = now.flags.only("after", "path", "track_total", "step")
    return {
        "phase": unsigned(4),
        "cycle": unsigned(8),
        "now": Record(**now.only("first", "scaled", "heads_log2").members(), flags=flags),
        "shown": Record(high=1, total=1, low=1),
        "reduce": unsigned(2),
        "join": records.join(),
        "capture": records.captures(),
        "row_capture": records.row_captures(),
        "lanes": config.lanes,
    }


def index_walk(config):
    now = records.instruction()
    fields = now.only("first", "src", "count", "dims", "entry", "value_src", "dst").members()
    names = ("push_byte", "step", "after", "slow", "result", "segmented", "use_table", "alive_mode")
    return {
        "start": flag(),
        "run": flag(),
        "now": Record(**fields, flags=now.flags.only(*names)),
        "room": Record(weights=1, logits=1),
        "sink_result": Stream(),
        "index": records.index(),
        "config": config,
    }
