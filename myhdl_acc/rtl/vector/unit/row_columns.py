"""The columns of a row, and what joins them: the butterfly and the rotation."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, bits
from myhdl_acc.hdl.wiring import constant, wire
from myhdl_acc.rtl.vector.arith.butterfly import butterfly
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.column import column
from myhdl_acc.rtl.vector.unit.rope_column import rope_column
from myhdl_acc.rtl.vector.unit.rope_pair import rope_pair


@entity(outputs=("given", "word", "statistic", "reduced"))
def row_columns(clk, control, scales, join, angle, results, given, word, statistic, reduced, config):
    """``lanes`` columns with the same ``control`` and ``scales``, for ``results`` (Array, one per lane).

    ``join``: of the butterfly, whose first column ``reduced`` (s49) shows. ``angle``: of the rotation's tables. Column
    0 shows its ``word`` of levels and its ``statistic``. ``given``: Array of from_column. The records: see records,
    latencies: see column, butterfly, rope_pair. One index per cycle; no back-pressure, no reset.
    """
    lanes = config.lanes
    to_row, from_row, held, leaving = (
        [make() for _ in range(lanes)] for make in (records.into_row, records.from_row, records.held, records.given)
    )
    for c in range(lanes):
        number = Signal(intbv(0)[6:])
        constant(q=number, number=c)
        if c == lanes - 1:
            # Words and statistics leave at column 0 and nothing follows them: its own are as good as any.
            following = held[0]
        else:
            following = held[c + 1]
        column(
            number=number,
            control=control,
            scales=scales,
            result=results[c],
            from_row=from_row[c],
            following=following,
            to_row=to_row[c],
            given=leaving[c],
            held=held[c],
            config=config,
        )
        leaving[c] >> given[c].only("level", "value")
        wire(bits(held[c].word, 128, 128), given[c].top)
    first = held[0]
    wire(first.word, word)
    first.statistic >> statistic
    wire(from_row[0].reduced, reduced)

    butterfly(
        values=Array("ch", [one.reduction for one in to_row]),
        results=Array("ch", [one.reduced for one in from_row]),
        maximum=join.maximum,
        first_stage=join.first_stage,
    )
    for p in range(records.pairs(lanes)):
        write = Signal(bool(0))
        of_pair(angle=angle, pair=p, write=write)
        own = Record(write=write, **angle.only("written", "read", "cosine", "sine").members())
        if lanes == 1:
            rope_column(angle=own, issue=control.issue, operand=to_row[0].operand, rotated=from_row[0].rotated)
        else:
            even, odd = 2 * p, 2 * p + 1
            rope_pair(
                angle=own,
                issue=control.issue,
                even=to_row[even].operand,
                odd=to_row[odd].operand,
                rotated_even=from_row[even].rotated,
                rotated_odd=from_row[odd].rotated,
            )


@block
def of_pair(angle, pair, write):
    """``write`` is high when the angle of this pair comes."""

    @always_comb
    def select():
        write.next = angle.write and angle.pair == pair
