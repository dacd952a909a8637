"""A lane's logits with noise, one row after the other."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, signed
from myhdl_acc.hdl.wiring import vector
from myhdl_acc.rtl.vector.arith import sampled_logit as logit_unit
from myhdl_acc.rtl.vector.arith import simon_cipher as cipher_unit
from myhdl_acc.rtl.vector.arith.gumbel import gumbel
from myhdl_acc.rtl.vector.arith.sampled_logit import sampled_logit
from myhdl_acc.rtl.vector.arith.simon_cipher import simon_cipher
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS

#: Cycles from a row's ``draw.begin`` until its noise meets the temperature, and to its score.
WARM = 1 + cipher_unit.LATENCY + gumbel.latency
LATENCY = 1 + cipher_unit.LATENCY + logit_unit.LATENCY


@entity(outputs=("score",), latency=LATENCY)
def lane_noise(clk, commit, values, place, draw, score, config):
    """``score`` (s32): the value of row ``draw.row`` with the noise of the token ``draw.index`` · lanes + ``place``.

    ``values``: an Array of the rows', s32, taken with ``commit``; ``draw``: see records. Its ``temperature`` is the
    row's WARM cycles after ``begin``. From ``draw.begin`` latency
    18, a score every four cycles. No back-pressure, no reset: validity travels beside.
    """
    lanes_log2 = (config.lanes - 1).bit_length()
    held, chosen = (Signal(intbv(0)[32 * config.rows :]) for _ in range(2))
    number, random = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    chosen_value, next_value, value = Signal(intbv(0)[32:]), Signal(signed(32)), Signal(signed(32))
    together = vector([bits(one, 0, 32) for one in values])
    begun = Record(start=draw.begin, plain=number, keys=draw.keys, value=chosen_value).delay(1)
    half = Record(start=begun.start).delay(STEPS)
    simon_cipher(start=begun.start, plain=begun.plain, keys=begun.keys, state=random)
    sampled_logit(value=value, random=random, temperature=draw.temperature, score=score)

    @always_comb
    def select():
        number.next = (draw.index << lanes_log2) | place
        chosen.next = held >> concat(draw.row, intbv(0)[5:])

    @always_comb
    def choose():
        chosen_value.next = chosen[32:]

    @always(clk.posedge)
    def keep():
        if commit:
            held.next = together
        # Another row begins half a cipher later at the earliest: a value is held for each of the two on their way.
        if begun.start:
            next_value.next = begun.value.signed()
        if half.start:
            value.next = next_value
