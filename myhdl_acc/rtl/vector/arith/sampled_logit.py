"""A logit with noise: the largest of a vocabulary's is a sample of its softmax."""

from myhdl import Signal, always, always_comb, block, intbv

from golden.units.gumbel import NOISE_BITS
from golden.units.sampling import TEMPERATURE_BITS, TEMPERATURE_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.gumbel import gumbel
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a logit and its random bits to their sum.
LATENCY = gumbel.latency + multiply.latency + 1


@entity(outputs=("score",), latency=LATENCY)
def sampled_logit(clk, value, random, temperature, score):
    """``score`` = ``value`` + ``temperature`` · gumbel(``random``), signed 32 and saturated (golden Sampling.scores).

    ``value``: signed 32, 16 fraction bits; ``random``: 32 bits; ``temperature``: unsigned 16, 12 fraction bits, which
    comes when the noise is known, gumbel's latency later. A result every cycle, latency 9; two DSP48E2. No
    back-pressure, no reset: validity travels beside.
    """
    value, random = Timed(value), Timed(random)
    noise = apply(gumbel, random=random, noise=Signal(intbv(0)[NOISE_BITS:]))
    product = Signal(intbv(0)[NOISE_BITS + TEMPERATURE_BITS :])
    warm = apply(multiply, a=noise, b=Timed(temperature, noise.cycle), product=product)
    apply(add_saturated, value=value, product=warm, score=score).expect(LATENCY)


@block(latency=1)
def add_saturated(clk, value, product, score):
    total, noise = Signal(signed(33)), Signal(signed(1 + NOISE_BITS + TEMPERATURE_BITS - TEMPERATURE_FRACTION))
    most = (1 << 31) - 1

    @always_comb
    def cut_off():
        noise.next = product >> TEMPERATURE_FRACTION

    @always_comb
    def add():
        total.next = value + noise

    @always(clk.posedge)
    def saturate():
        if total[31] and not total[32]:
            score.next = most
        else:
            score.next = total
