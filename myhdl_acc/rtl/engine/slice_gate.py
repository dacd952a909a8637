"""Lets a lane load its slices in the order of its commands, whichever of its two sources has words first."""

from myhdl import Signal, always_comb, block

from golden.units.load_unit import SLICE
from myhdl_acc.hdl.wiring import matching_fields, wire


@block
def slice_gate(chain, local, owner, room, source_chain, source_local):
    """``chain`` (load_stream) → ``source_chain`` and ``local`` (weights_stream) → ``source_local``, latency 0.

    Of ``chain`` words of a slice for this lane pass only while ``owner.from_chain`` is high: the next slice is the load
    unit's; all other words always do. ``local`` passes while ``owner.from_local`` is high. Both need ``room`` for a
    slice's word: only then what is offered is sure to be for the slice that is next.
    """
    held = Signal(bool(0))

    @always_comb
    def hold():
        held.next = chain.kind == SLICE and (chain.broadcast or chain.lane == 0) and not (owner.from_chain and room)

    @always_comb
    def of_chain():
        source_chain.valid.next = chain.valid and not held
        chain.ready.next = source_chain.ready and not held

    @always_comb
    def of_local():
        source_local.valid.next = local.valid and owner.from_local and room
        local.ready.next = source_local.ready and owner.from_local and room

    for d, q in matching_fields(chain, source_chain) + matching_fields(local, source_local):
        wire(d, q)
