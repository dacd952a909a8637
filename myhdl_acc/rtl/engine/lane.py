"""One lane: its stream from memory meets the stationary slices of all rows."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.wiring import unused, vector
from myhdl_acc.rtl.engine.beat_decoder import beat_decoder
from myhdl_acc.rtl.engine.load_hop import load_hop
from myhdl_acc.rtl.engine.parameter_memory import parameter_memory
from myhdl_acc.rtl.engine.patch import patch
from myhdl_acc.rtl.engine.patch_buffer import patch_buffer
from myhdl_acc.rtl.engine.records import (
    ADDRESS,
    BANK,
    address_bits,
    buffers,
    decision,
    decoded_beat,
    new_token,
    next_slice,
    operands,
    patch_command,
)
from myhdl_acc.rtl.engine.row_pair import pair_values, row_pair
from myhdl_acc.rtl.engine.sequencer import sequencer
from myhdl_acc.rtl.engine.slice_gate import slice_gate

#: Commands that wait in a lane while one is running.
COMMAND_QUEUE = 2


@entity(outputs=("shown",))
def lane(clk, rst, index, chain, onward, sink_weights, sink_beat, source_write, fetch, shown, config):
    """Sequencer, patch, atom decoders, row pairs. One beat per cycle; row pair p works p cycles behind row pair 0.

    ``chain`` brings ``sink_cmd`` and ``sink_load``, ``onward`` passes them on to the next lane as ``source_cmd`` and
    ``source_load``; ``sink_weights`` brings slices for this one alone, for pv. ``source_write``: write_stream, the
    patched beats. ``fetch`` and ``shown``: see records.fetch and records.shown. ``index``: the lane's number. Only
    the input of the lane can stall.
    """
    here, passed_on = chain.sink_cmd.fork(2)
    passed_on.half_pipe() >> onward.source_cmd
    command = here.fifo(COMMAND_QUEUE)

    decided, ready, owner, released = decision(config), operands(), next_slice(), buffers()
    start, in_parameters = Signal(bool(0)), Signal(bool(0))
    sequencer(
        sink_cmd=command,
        sink_beat=sink_beat.translate_with(Record()),
        operands=ready,
        give_back=fetch.give_back,
        start=start,
        in_parameters=in_parameters,
        decision=decided,
        next_slice=owner,
        free=released,
        state=shown.state,
    )

    tokens, word = Record(key=new_token(config), value=new_token(config)), Record(valid=1, data=config.load_bits)
    stationary(
        sink=chain.sink_load,
        source=onward.source_load,
        local=sink_weights,
        owner=owner,
        free=Record(slice=decided.swap, key=released.key, value=released.value),
        ready=ready,
        word=word,
        tokens=tokens,
        config=config,
    )

    arrived = Record(
        valid=sink_beat.fire(),
        data=sink_beat.data,
        parameter=in_parameters,
        split=decided.split,
        number=decided.number,
        outer=decided.outer,
        address=bits(decided.control, ADDRESS, address_bits(config)),
    )
    beat = Signal(intbv(0)[config.beat_bits :])
    patch(
        command=command_of(command, start, index, config),
        arrived=arrived,
        key=tokens.key,
        value=tokens.value,
        beat=beat,
        source_write=source_write,
        room=ready.room,
        config=config,
    )

    patched = decided.delay(1, reset=("control", "swap", "weights", "scales", "parameters"))
    bank = bits(patched.control, BANK, 1)
    parameter_memory(
        write=Record(valid=patched.parameters, bank=bank, number=patched.number, data=beat),
        read=fetch.read,
        split=fetch.split,
        tap=fetch.tap,
        word=shown.answer.parameter,
        config=config,
    )

    first = decoded_beat(config)
    beat_decoder(decided=patched, beat=beat, load=word.valid, decoded=first, error=shown.error)
    tiles(first=first, word=word.data, fetch=fetch, answer=shown.answer, config=config)


def command_of(command, start, index, config):
    """What the patch must know of a command, as a records.patch_command."""
    names = [name for name in patch_command(config).members() if name not in ("start", "lane")]
    return Record(start=start, **{name: getattr(command, name) for name in names}, lane=index)


@block
def stationary(clk, rst, sink, source, local, owner, free, ready, word, tokens, config):
    """The load chain's stop at the lane: slices go to the tiles (``word``), keys and values to buffers (``tokens``).

    ``ready``: a whole slice, a key, a value are there (records.operands), until ``free``.
    """
    wanted_chain, wanted_local = sink.like(), local.like()
    room_for_slice = Signal(bool(0))
    room, take = buffers(), Record(slice=1, key=1, value=1)
    slice_gate(
        chain=sink.s2m_pipe(),
        local=local,
        owner=owner,
        room=room_for_slice,
        source_chain=wanted_chain,
        source_local=wanted_local,
    )
    load_hop(
        sink=wanted_chain,
        source=source,
        sink_local=wanted_local,
        swap=free.slice,
        room=room,
        take=take,
        word=word.data,
        ready=ready.slice,
        atoms=config.atoms,
    )
    for kind in ("key", "value"):
        patch_buffer(
            take=getattr(take, kind),
            word=word.data,
            free=getattr(free, kind),
            room=getattr(room, kind),
            ready=getattr(ready, kind),
            token=getattr(tokens, kind),
            config=config,
        )

    @always_comb
    def slices():
        room_for_slice.next = not ready.slice or free.slice
        word.valid.next = take.slice


@block
def tiles(clk, rst, first, word, fetch, answer, config):
    """The row pairs, one behind the other, and the count of the sums that wait for the collector."""
    beat, pairs = first, [pair_values(config) for _ in range(config.pairs)]
    for p, values in enumerate(pairs):
        # A pair's part of a stationary word is late like the beats it goes with.
        part = Record(word=bits(word, 512 * p, 256 * config.pair_rows)).delay(p).word
        behind, done = first.like(), Signal(bool(0))
        row_pair(sink=beat, load_data=part, source=behind, read=fetch.read, values=values, done=done, config=config)
        if p < config.pairs - 1:
            unused(done)
        beat = behind
    unused(*vars(beat).values())
    word0, word1 = (
        vector([getattr(values, f"row{r}_tap{tap}") for values in pairs for r in range(config.pair_rows)])
        for tap in range(2)
    )
    waiting, one = Signal(intbv(0)[(2 * config.acc_depth).bit_length() :]), Signal(bool(0))

    @always_comb
    def output():
        if fetch.tap:
            answer.sums.next = word1
        else:
            answer.sums.next = word0

    @always(clk.posedge)
    def count_results():
        if rst:
            waiting.next = 0
        elif done and not fetch.take:
            waiting.next = waiting + 1
        elif fetch.take and not done:
            waiting.next = waiting - 1

    @always_comb
    def look():
        one.next = waiting == 1

    @always(clk.posedge)
    def tell():  # a level of logic behind ``take``, which is known late
        answer.has_result.next = not rst and (done or (answer.has_result and not (fetch.take and one)))
