"""Turns a lane's beats into what the tiles multiply with."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.wiring import unused, vector
from myhdl_acc.rtl.engine.atom_decoder import atom_decoder
from myhdl_acc.rtl.engine.command import W8
from myhdl_acc.rtl.engine.records import VALID

LATENCY = 1  #: cycles from ``beat`` to ``decoded``


@entity(outputs=("decoded", "error"))
def beat_decoder(clk, rst, decided, beat, load, decoded, error):
    """An atom_decoder for each atom of ``beat``, which comes with the sequencer's ``decided`` (records.decision).

    ``decoded`` (records.decoded_beat) is LATENCY cycles late, but for its ``load``, which is ``load``. Beats of block
    scales stay here for the pairs of weight beats that follow. ``error`` rises a cycle later and stays, after an
    illegal weight. A beat per cycle, no back-pressure.
    """
    atoms = len(beat) // 64
    scale_step = 8 * atoms
    unused(decided.number, decided.outer, decided.parameters)
    block_scales = Signal(intbv(0)[len(beat) :])
    atom_fields = [Record(factors=64, positions=32, scale=8, illegal=1) for _ in range(atoms)]
    for a, fields in enumerate(atom_fields):
        atom_decoder(
            atom=bits(beat, 64 * a, 64),
            mode=decided.mode,
            phase=decided.phase,
            block_scale=bits(block_scales, 8 * a, 8),
            factors=fields.factors,
            positions=fields.positions,
            scale=fields.scale,
            illegal=fields.illegal,
        )
    factors, positions = (vector([getattr(f, name) for f in atom_fields]) for name in ("factors", "positions"))
    scales, illegal = (vector([getattr(f, name) for f in atom_fields]) for name in ("scale", "illegal"))

    @always(clk.posedge)
    def shift_scales():
        # A pair of weight beats (phase 0 and 1) uses the lowest ``atoms`` bytes.
        if decided.scales:
            block_scales.next = beat
        elif decided.weights and decided.phase[0]:
            block_scales.next = block_scales >> scale_step

    @always_comb
    def join():
        decoded.factors.next = factors
        decoded.positions.next = positions
        decoded.scales.next = scales
        decoded.load.next = load

    @always(clk.posedge)
    def beside():
        decoded.wide.next = decided.mode == W8
        decoded.split.next = decided.split

    @always(clk.posedge)
    def beside_control():
        if rst:
            decoded.control.next = 0
            decoded.swap.next = False
            error.next = False
        else:
            decoded.control.next = decided.control
            decoded.swap.next = decided.swap
            error.next = error or (decoded.control[VALID] and illegal != 0)
