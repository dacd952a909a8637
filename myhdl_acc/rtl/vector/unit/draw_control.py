"""What all lanes need to draw tokens: the keys of the rows' positions, and when each row's logits get their noise."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import choose_of, vector, wire
from myhdl_acc.rtl.vector.arith import simon_cipher as cipher_unit
from myhdl_acc.rtl.vector.arith import simon_keys as keys_unit
from myhdl_acc.rtl.vector.arith.simon_cipher import simon_cipher
from myhdl_acc.rtl.vector.arith.simon_keys import simon_keys
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS
from myhdl_acc.rtl.vector.unit.lane_noise import LATENCY as NOISE_LATENCY
from myhdl_acc.rtl.vector.unit.lane_noise import WARM


def spacing(rows):
    """Cycles from an index of logits to the next one: a part of a cipher for each row, as several are on their way."""
    return STEPS * rows


def wait(rows):
    """Cycles from an index's commit until its last row's score has been found, beyond what it is without noise."""
    return keys_unit.LATENCY + STEPS * (rows - 1) + NOISE_LATENCY


@entity(outputs=("draw", "room"))
def draw_control(clk, rst, logits, done, sampling, draw, room, config):
    """``draw`` (see records) for the ``logits`` (logits_control) of an instruction, while one of
    ``sampling.temperatures`` is not 0.

    ``logits.clear`` begins with the rows' ``sampling.positions``: the keys of those behind them are made of their
    ``sampling.seeds``. Then ``room`` is high once in spacing() cycles: for an index, until ``done`` says that the token
    is known. With temperatures of 0 it always is. ``sampling`` must stand still during a program.
    """
    rows = config.rows
    rows_log2 = max(1, (rows - 1).bit_length())
    last_making, last_drawing = 2 * spacing(rows) - 1, spacing(rows) - 1
    enabled, making, active, made, load = (Signal(bool(0)) for _ in range(5))
    making_now, start, last, whole = (Signal(bool(0)) for _ in range(4))
    step = Signal(intbv(0, min=0, max=2 * spacing(rows)))
    pace = Signal(intbv(0, min=0, max=spacing(rows)))
    target = Record(half=1, row=rows_log2)
    key, chosen, keys = (Signal(intbv(0)[bits:]) for bits in (64, 64 * rows, 128))
    own, row_position = Signal(intbv(0)[32:]), Signal(modbv(0)[32:])
    plain, cipher = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    seed, temperature = Signal(intbv(0)[64:]), Signal(intbv(0)[16:])
    choose_of(code=target.row, values=list(sampling.positions), q=own)
    choose_of(code=target.row, values=list(sampling.seeds), q=seed)
    needed = Record(begin=draw.begin, row=draw.row).delay(WARM - 1)
    choose_of(code=needed.row, values=list(sampling.temperatures), q=temperature)
    any_drawn = Signal(bool(0))
    any_set(words=list(sampling.temperatures), flag=any_drawn)
    simon_keys(load=load, key=key, keys=keys)
    begun = Record(begin=load, making=making_now, **target.members()).delay(keys_unit.LATENCY, reset=("begin",))
    simon_cipher(start=begun.begin, plain=plain, keys=keys, state=cipher)
    made_now = Record(valid=1, **target.like().members())
    token_keys = position_keys(begun=begun, cipher=cipher, made_now=made_now, rows=rows)
    index = logits.only("index", "partial", "heads").like()
    found = Record(valid=draw.begin, row=draw.row, **index.members()).delay(NOISE_LATENCY, reset=("valid",))
    wire(keys, draw.keys)
    wire(index.index, draw.index)
    found >> draw.found
    wire(enabled, draw.enabled)

    @always_comb
    def judge():
        row_position.next = own + 1
        making_now.next = making or logits.clear
        start.next = enabled and (logits.clear or logits.commit)
        last.next = (making and step == last_making) or (not making and step == last_drawing)

    @always_comb
    def places():
        load.next = start or (active and (step & (STEPS - 1)) == 0)
        if making:
            target.half.next = step[2]
            target.row.next = step >> 3
        else:
            target.half.next = False
            target.row.next = step >> 2

    @always_comb
    def choose_key():
        chosen.next = token_keys >> concat(target.row, intbv(0)[6:])
        if making_now:
            key.next = seed
        else:
            key.next = chosen[64:]

    @always_comb
    def whole_keys():
        whole.next = made_now.valid and made_now.half and made_now.row == rows - 1

    @always(clk.posedge)
    def walk():
        if rst:
            active.next = False
            making.next = False
            step.next = 0
        elif start:
            active.next = True
            making.next = logits.clear
            step.next = 1
        elif active:
            if last:
                active.next = False
                making.next = False
                step.next = 0
            else:
                step.next = step + 1

    @always(clk.posedge)
    def readiness():
        enabled.next = any_drawn
        if needed.begin:
            draw.temperature.next = temperature
        if rst or done or logits.clear:
            made.next = False
        elif whole:
            made.next = True
        if rst or pace == last_drawing:
            pace.next = 0
        else:
            pace.next = pace + 1

    @always(clk.posedge)
    def hold():
        plain.next = concat(target.half, row_position[31:])
        if logits.commit:
            index.index.next = logits.index
            index.partial.next = logits.partial
            index.heads.next = logits.heads

    @always_comb
    def show():
        room.next = not enabled or (made and pace == 0)
        draw.begin.next = begun.begin and not begun.making
        draw.row.next = begun.row


@block
def any_set(words, flag):
    """``flag``: one of ``words`` is not 0."""
    together = vector(words)

    @always_comb
    def judge():
        flag.next = together != 0


def position_keys(begun, cipher, made_now, rows):
    """The rows' keys (64 bits each, row 0 lowest), as their halves are enciphered; ``made_now``: one is."""
    of_key = Record(valid=Signal(bool(0)), half=begun.half, row=begun.row)
    only_making(begun=begun, valid=of_key.valid)
    of_key.delay(cipher_unit.LATENCY, reset=("valid",)) >> made_now
    halves = []
    for number in range(2 * rows):
        half = Signal(intbv(0)[32:])
        keep_half(made_now=made_now, cipher=cipher, number=number, half=half)
        halves.append(half)
    return vector(halves)


@block
def only_making(begun, valid):
    @always_comb
    def gate():
        valid.next = begun.begin and begun.making


@block
def keep_half(clk, made_now, cipher, number, half):
    row, upper = number // 2, number % 2

    @always(clk.posedge)
    def keep():
        if made_now.valid and made_now.row == row and made_now.half == upper:
            half.next = cipher
