"""A pipelined multiplier."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.record import bits, signed
from myhdl_acc.hdl.wiring import bit_field, type_of

#: Cycles from the operands to their product: the operand, multiplier and output registers of a DSP48E2.
LATENCY = 3

#: What a DSP48E2 multiplies, without their signs: 27 × 18 bits.
WIDE, NARROW = 26, 17


@block(latency=LATENCY)
def multiply(clk, a, b, product):
    """``product`` = ``a`` · ``b`` of any widths and signedness; a product every cycle, latency 3.

    ``product`` must be wide enough for the exact product. Operands too wide for a multiplier are cut, and the products
    of their parts added up behind the multipliers' registers. No back-pressure, no reset: validity travels beside.
    """
    held_a, held_b = Signal(type_of(a)), Signal(type_of(b))
    result = parts_product(held_a, held_b)

    @always(clk.posedge)
    def registers():
        held_a.next = a
        held_b.next = b
        product.next = result


@block(latency=LATENCY + 1)
def multiply_wide(clk, a, b, product):
    """As multiply, latency 4: for two operands that are both too wide for a multiplier. The parts of one are added up a
    cycle before those of the other.
    """
    held_a, held_b = Signal(type_of(a)), Signal(type_of(b))
    place, low_half, high_half = halves(held_a)
    low_now, high_now = parts_product(low_half, held_b), parts_product(high_half, held_b)
    low, high, result = Signal(type_of(low_now)), Signal(type_of(high_now)), exact(a, b)
    join(low=low, high=high, place=place, product=result)

    @always(clk.posedge)
    def registers():
        held_a.next = a
        held_b.next = b
        low.next = low_now
        high.next = high_now
        product.next = result


def halves(number):
    """``(place, low, high)``: ``number`` = ``high`` · 2^place + ``low``."""
    place = len(number) // 2
    high = Signal(signed(len(number) - place) if is_signed(number) else intbv(0)[len(number) - place :])
    bit_field(number, high, place)
    return place, bits(number, 0, place), high


def parts_product(a, b):
    """``a`` · ``b`` of the cycle before: the exact product of one multiplier, or the sum of several's."""
    if magnitude_bits(a) < magnitude_bits(b):
        a, b = b, a
    if magnitude_bits(a) > WIDE or magnitude_bits(b) > NARROW:
        if magnitude_bits(a) <= WIDE:
            a, b = b, a
        return joined_product(a, b)
    product = exact(a, b)
    one_product(a=a, b=b, product=product)
    return product


def joined_product(a, b):
    """parts_product() with ``a`` cut in halves."""
    place, low_half, high_half = halves(a)
    low, high, product = parts_product(low_half, b), parts_product(high_half, b), exact(a, b)
    join(low=low, high=high, place=place, product=product)
    return product


def exact(a, b):
    """A signal for their product."""
    width = len(a) + len(b)
    return Signal(signed(width) if is_signed(a) or is_signed(b) else intbv(0)[width:])


def is_signed(number):
    return number.min < 0


def magnitude_bits(number):
    return len(number) - is_signed(number)


@block
def one_product(clk, a, b, product):
    @always(clk.posedge)
    def store():
        product.next = a * b


@block
def join(low, high, place, product):
    """``product`` = ``high`` · 2^place + ``low``: below ``place`` it is the low one's."""
    upper = Signal(type_of(high))
    above, below = bits(upper, 0, len(upper)), bits(low, 0, place)

    @always_comb
    def add():
        upper.next = high + (low >> place)

    if is_signed(product):

        @always_comb
        def number():
            product.next = concat(above, below).signed()

        return add, number

    @always_comb
    def natural():
        product.next = concat(above, below)

    return add, natural
