"""A lane's logits with noise, one row after the other."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, signed
from myhdl_acc.hdl.wiring import register, unused, vector
from myhdl_acc.rtl.vector.arith import sampled_logit as logit_unit
from myhdl_acc.rtl.vector.arith import simon_cipher as cipher_unit
from myhdl_acc.rtl.vector.arith.gumbel import gumbel
from myhdl_acc.rtl.vector.arith.sampled_logit import sampled_logit
from myhdl_acc.rtl.vector.arith.simon_cipher import simon_cipher
from myhdl_acc.rtl.vector.arith.simon_rounds import PARTS, STEPS

#: Cycles from a row's ``draw.begin`` until its noise meets the temperature, and to its score.
WARM = 1 + cipher_unit.LATENCY + gumbel.latency
LATENCY = 1 + cipher_unit.LATENCY + logit_unit.LATENCY


@entity(outputs=("score",), latency=LATENCY)
def lane_noise(clk, commit, values, place, draw, score, config):
    """``score`` (s32): the value of row ``draw.row`` with the noise of the token ``draw.index`` · lanes + ``place``.

    ``values``: an Array of the rows', s32, taken with ``commit``; ``draw``: see records. Its ``temperature`` is the
    row's WARM cycles after ``begin``. From ``draw.begin`` latency
    26, a score every four cycles. No back-pressure, no reset: validity travels beside.
    """
    lanes_log2 = (config.lanes - 1).bit_length()
    held, chosen = (Signal(intbv(0)[32 * config.rows :]) for _ in range(2))
    number, random = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    chosen_value, values_on_way = Signal(intbv(0)[32:]), [Signal(signed(32)) for _ in range(PARTS)]
    together = vector([bits(one, 0, 32) for one in values])
    begun = Record(start=draw.begin, plain=number, keys=draw.keys, value=chosen_value).delay(1)
    simon_cipher(start=begun.start, plain=begun.plain, keys=begun.keys, state=random)
    # Another row begins a part of a cipher later at the earliest: a value is held for each of those on their way.
    first, start = Signal(signed(32)), begun.start
    for before, held_value in zip([first, *values_on_way], values_on_way, strict=False):
        register(load=start, d=before, q=held_value)
        start = Record(start=start).delay(STEPS).start
    unused(start)
    sampled_logit(value=values_on_way[-1], random=random, temperature=draw.temperature, score=score)

    @always_comb
    def select():
        number.next = (draw.index << lanes_log2) | place
        chosen.next = held >> concat(draw.row, intbv(0)[5:])

    @always_comb
    def choose():
        chosen_value.next = chosen[32:]
        first.next = begun.value.signed()

    @always(clk.posedge)
    def keep():
        if commit:
            held.next = together
