"""Takes the finished sums out of the lanes' memories, in order."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.adder_tree import adder_tree
from myhdl_acc.stream import fifo
from myhdl_acc.stream.stream import signed
from myhdl_acc.stream.wiring import unused, vector, wire

#: Commands whose results may be outstanding: two banks of sums and the lanes' queues behind them.
COMMAND_QUEUE = 4
#: Cycles from the last lane's ``has_result`` to the first word at ``source``: one to see that all have it,
#: three of pipeline.
LATENCY = 4


@entity(outputs=("give_back", "read", "read_bank", "read_address"))
def collector(clk, rst, sink_cmd, has_result, tap0, tap1, give_back, read, read_bank, read_address, source, config):
    """Empty the accumulator bank of each operation once every lane has finished it.

    For index n = 0 … middle − 1, for tap 0 (and 1 if ``split``), the lanes' sums leave ``collect`` lanes at a time,
    lane 0 first; with ``reduce`` one word per index and tap has the sum over all lanes in its lowest lane position. One
    word per cycle without ``reduce``, one per lanes/collect cycles with it; LATENCY cycles before the first. ``source``
    may stall at any time. ``has_result``, ``tap0``, ``tap1``: Bundles over lanes; ``tapT`` rows × acc_bits.
    ``give_back`` pulses when the bank has been read.
    """
    lanes, rows, acc_bits, collect = config.lanes, config.rows, config.acc_bits, config.collect
    chunks = lanes // collect
    row_bits = rows * acc_bits
    queue = sink_cmd.like()
    unused(queue.mode, queue.outer, queue.inner)
    commands = fifo(clk, rst, sink_cmd, queue, COMMAND_QUEUE)
    everyone = Signal(bool(0))
    all_lanes = all_high(list(has_result), everyone)
    active, advance, launch, final_chunk, final_tap, final_index, fetch, tap = (Signal(bool(0)) for _ in range(8))
    bank, give_back_now = Signal(bool(0)), Signal(bool(0))
    index, index_last = (Signal(intbv(0)[len(read_address) :]) for _ in range(2))
    chunk = Signal(intbv(0, min=0, max=max(2, chunks)))
    split, reduce = Signal(bool(0)), Signal(bool(0))

    # Stage 0 counts, stage 1 has the memories' words, stage 2 the rank of words that shifts out.
    valid1, late_tap, load1, reduce1, first1, final1, last1 = (Signal(bool(0)) for _ in range(7))
    valid2, reduce2, first2, final2, last2 = (Signal(bool(0)) for _ in range(5))

    @always_comb
    def flow():
        advance.next = source.ready or not source.valid
        final_chunk.next = chunk == chunks - 1
        final_tap.next = tap or not split
        final_index.next = index == index_last

    @always_comb
    def succession():
        fetch.next = active and chunk == 0 and not tap
        # Until the bank is given back, has_result still speaks of the operation before.
        launch.next = queue.valid and not active and not valid1 and not give_back_now and everyone
        queue.ready.next = not active and not valid1 and not give_back_now and everyone

    @always_comb
    def memory_port():
        read.next = fetch and advance
        read_bank.next = bank
        read_address.next = index
        give_back.next = give_back_now

    @always(clk.posedge)
    def count():
        if launch:
            index.next = 0
            tap.next = False
            chunk.next = 0
            index_last.next = queue.middle - 1
            split.next = queue.split
            reduce.next = queue.reduce
        elif active and advance:
            if not final_chunk:
                chunk.next = chunk + 1
            else:
                chunk.next = 0
                tap.next = not final_tap
                if final_tap and not final_index:
                    index.next = index + 1

    @always(clk.posedge)
    def control():
        if rst:
            active.next = False
            bank.next = False
            give_back_now.next = False
            valid1.next = False
            valid2.next = False
        else:
            # The rank takes the operation's last words in this cycle: the memory is free from the next one on.
            give_back_now.next = advance and valid1 and load1 and last1
            if give_back_now:
                bank.next = not bank
            if launch:
                active.next = True
            elif advance and final_chunk and final_tap and final_index:
                active.next = False
            if advance:
                valid1.next = active
                valid2.next = valid1

    @always(clk.posedge)
    def stages():
        if advance:
            late_tap.next = tap
            load1.next = chunk == 0
            reduce1.next = reduce
            first1.next = chunk == 0
            final1.next = final_chunk
            last1.next = final_tap and final_index
            reduce2.next = reduce1
            first2.next = first1
            final2.next = final1
            last2.next = last1

    rank = [Signal(intbv(0)[row_bits:]) for _ in range(lanes)]
    cells = [
        rank_cell(clk, advance, load1, late_tap, word0, word1, rank[(i + collect) % lanes], rank[i])
        for i, (word0, word1) in enumerate(zip(tap0, tap1, strict=True))
    ]
    sums = [Signal(signed(acc_bits)) for _ in range(rows)]
    sum_bits = [Signal(intbv(0)[acc_bits:]) for _ in range(rows)]
    reducers = [
        row_reducer(clk, advance, first2, [rank[i] for i in range(collect)], r, sums[r], sum_bits[r], acc_bits)
        for r in range(rows)
    ]
    listed = Signal(intbv(0)[collect * row_bits :])
    listed_now = rank[0] if collect == 1 else vector(rank[:collect])
    sum_word = vector(sum_bits)
    reduced = Signal(bool(0))

    @always(clk.posedge)
    def output_data():
        if advance:
            listed.next = listed_now
            reduced.next = reduce2
            source.last.next = last2 and final2

    @always_comb
    def output_select():
        if reduced:
            source.data.next = sum_word
        else:
            source.data.next = listed

    @always(clk.posedge)
    def output_valid():
        if rst:
            source.valid.next = False
        elif advance:
            source.valid.next = valid2 and (final2 or not reduce2)

    return (
        commands, all_lanes, flow, succession, memory_port, count, control, stages, cells, reducers,
        output_data, output_select, output_valid,
    )  # fmt: skip


@block
def all_high(flags, result):
    """``result`` = all of ``flags``: a tree, as a comparison with a literal of 32 bits or more is not legal VHDL."""
    if len(flags) == 1:
        return wire(flags[0], result)
    half = len(flags) // 2
    left, right = Signal(bool(0)), Signal(bool(0))
    trees = all_high(flags[:half], left), all_high(flags[half:], right)

    @always_comb
    def both():
        result.next = left and right

    return trees, both


@block
def rank_cell(clk, advance, load, tap, word0, word1, neighbour, word):
    """Take the lane's word, or the word of the lane ``collect`` further on."""

    @always(clk.posedge)
    def shift():
        if advance:
            if not load:
                word.next = neighbour
            elif tap:
                word.next = word1
            else:
                word.next = word0

    return shift


@block
def row_reducer(clk, advance, first, words, row, total, bits, acc_bits):
    """Sum of one row over the words of all chunks since ``first``."""
    terms = [Signal(signed(acc_bits)) for _ in words]
    chunk_sum = Signal(signed(acc_bits))
    views = [
        signed_slice(word(acc_bits * row + acc_bits, acc_bits * row), term)
        for word, term in zip(words, terms, strict=True)
    ]
    # Every partial sum fits: acc_bits covers the longest dot product, however it is spread over lanes.
    tree = adder_tree(terms, chunk_sum)

    @always(clk.posedge)
    def accumulate():
        if advance:
            if first:
                total.next = chunk_sum
            else:
                total.next = total + chunk_sum

    @always_comb
    def as_bits():
        bits.next = total[acc_bits:]

    return views, tree, accumulate, as_bits


@block
def signed_slice(bits, value):
    @always_comb
    def convert():
        value.next = bits.signed()

    return convert
