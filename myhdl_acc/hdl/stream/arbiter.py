"""Several streams share one."""

from myhdl import Signal, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import choose_payload, equals, type_of, vector, wire

POLICIES = ("round_robin", "lowest_first")


@block
def grant(chosen, source_ready, sink_ready):
    """The chosen stream sees the ``ready`` of the source."""

    @always_comb
    def pass_ready():
        sink_ready.next = chosen and source_ready


@block
def index_if(flag, index, otherwise, q):
    """``q`` is the constant ``index`` while ``flag`` is high, else ``otherwise``."""

    @always_comb
    def multiplex():
        if flag:
            q.next = index
        else:
            q.next = otherwise


@block
def is_later(valid, latest, index, flag):
    """``flag`` is high while stream ``index`` is valid and comes after ``latest``."""

    @always_comb
    def compare():
        flag.next = valid and latest < index


@block
def first_of(candidates, otherwise, q):
    """``q`` is the index of the first candidate ``(index, flag)`` whose flag is high, or ``otherwise``."""
    chain = []
    for position, (index, flag) in reversed(list(enumerate(candidates))):
        result = q if position == 0 else Signal(type_of(q))
        chain.append(index_if(flag, index, otherwise, result))
        otherwise = result


@block
def first_after(valids, latest, otherwise, q):
    """``q`` is the first valid stream with an index greater than ``latest``, or ``otherwise``."""
    later = [(index, Signal(bool(0))) for index in range(1, len(valids))]
    for index, flag in later:
        is_later(valids[index], latest, index, flag)
    first_of(later, otherwise, q)


@entity
def arbiter(clk, rst, sink, source, policy="round_robin"):
    """Passes on one word at a time from the streams of ``sink`` (SpinalHDL ``StreamArbiter``, no lock beyond a word).

    sink: an Array of one or more streams with the fields of ``source``. policy: ``round_robin`` (after a word from
    stream i the search starts at i + 1, so a waiting stream sees at most one word of each other one pass) or
    ``lowest_first`` (can starve the others). Latency 0, a word per cycle. A word that was offered while ``source``
    was not ready keeps its grant until it is taken. Raises ValueError for another policy.
    """
    if policy not in POLICIES:
        raise ValueError(f"arbiter policy {policy!r}: it must be one of {', '.join(POLICIES)}")
    branches = list(sink)
    count = len(branches)
    valids = [Signal(bool(0)) for _ in branches]
    requests = vector(valids)
    bound = max(2, count)
    lowest = Signal(intbv(0, min=0, max=bound))
    pick = Signal(intbv(0, min=0, max=bound))
    choice = Signal(intbv(0, min=0, max=bound))
    latest = Signal(intbv(count - 1, min=0, max=bound))
    locked = Signal(bool(0))
    any_request = Signal(bool(0))
    chosen = [Signal(bool(0)) for _ in branches]

    @always_comb
    def lock():
        if locked:
            choice.next = latest
        else:
            choice.next = pick

    @always_comb
    def detect():
        any_request.next = requests != 0

    @always_comb
    def offer():
        source.valid.next = any_request

    @always_seq(clk.posedge, reset=rst)
    def remember():
        if any_request:
            latest.next = choice
            locked.next = not source.ready

    search = [first_of(list(enumerate(valids)), latest, lowest)]
    if policy == "round_robin" and count > 1:
        search.append(first_after(valids, latest, lowest, pick))
    else:
        search.append(wire(lowest, pick))
    for branch, valid in zip(branches, valids, strict=True):
        wire(branch.valid, valid)
    for position, flag in enumerate(chosen):
        equals(choice, position, flag)
    for flag, branch in zip(chosen, branches, strict=True):
        grant(flag, source.ready, branch.ready)
    choose_payload(chosen, branches, source)
