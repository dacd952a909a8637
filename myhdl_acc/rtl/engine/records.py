"""What the units of a lane tell each other in a cycle, as records."""

from myhdl_acc.hdl.record import Record
from myhdl_acc.rtl.engine.command import LANE_BITS

#: Bits of ``control``, and where the address begins: a summed_beat from bit 0 on.
VALID, FIRST, LAST, FRESH, BANK, RESULT, ADDRESS = range(7)


def control_places(config):
    """Where the fields of a summed_beat lie in ``control``."""
    names = ("valid", "first", "last", "fresh", "bank", "complete")
    return {**{name: (bit, 1) for bit, name in enumerate(names)}, "address": (ADDRESS, address_bits(config))}


def address_bits(config):
    """Bits of the index of a sum."""
    return (config.acc_depth - 1).bit_length()


def decision(config):
    """What the sequencer says of the beat of this cycle.

    If it is accepted, one of ``weights``, ``scales`` and ``parameters`` is high. ``swap``: it begins a slice. ``mode``,
    ``phase``, ``split``: see docs/engine.md. ``control``: see decoded_beat. ``number``: of a parameter beat; ``outer``:
    the loop's count.
    """
    return Record(
        weights=1,
        scales=1,
        parameters=1,
        swap=1,
        mode=3,
        phase=2,
        split=1,
        control=ADDRESS + address_bits(config),
        number=16,
        outer=16,
    )


def operands():
    """What is there for the next beat: the slice that it begins, the new key and value, room for a patched beat."""
    return Record(slice=1, key=1, value=1, room=1)


def next_slice():
    """Whose the slice after the one in use is: the load unit's, the vector unit's; nobody knows if neither is high."""
    return Record(from_chain=1, from_local=1)


def buffers():
    """One of a lane's two patch buffers each."""
    return Record(key=1, value=1)


def new_token(config):
    """What a patch buffer holds: ``nibbles`` and ``parameters`` of every row, row 0 lowest, atom 0 lowest."""
    return Record(nibbles=config.rows * config.beat_bits, parameters=config.rows * 32)


def patch_command(config):
    """A command of command_stream to a lane's patch, taken with ``start``; ``lane``: the lane's number."""
    return Record(start=1, mode=3, patch=2, heads_log2=4, slot=32, tokens=4, base=32, skip=16, lane=LANE_BITS)


def placed_beat(config):
    """A beat (``valid``) with its place in its operation: ``number`` of the parameters, or ``outer`` and
    ``address``. All but ``valid`` is known early in a cycle."""
    return Record(
        valid=1, data=config.beat_bits, parameter=1, split=1, number=16, outer=16, address=address_bits(config)
    )


def decoded_beat(config):
    """A beat as the tiles see it, moving down the rows one register per hop; it cannot be stalled.

    ``factors``, ``positions``, ``scales``: atom_decoder's outputs for every atom, atom 0 lowest. ``control``: valid,
    first, last, fresh, bank, result, address from bit 0 (see accumulator; ``result``: with this beat the sum of an
    output is final, or without ``valid`` all that an operation without sums has). ``swap``: this beat begins a new
    slice. ``wide``: the mode is w8. ``split``: two outputs per beat. ``load``: a stationary word is beside (independent
    of the beat).
    """
    return Record(
        factors=64 * config.atoms,
        positions=32 * config.atoms,
        scales=8 * config.atoms,
        control=ADDRESS + address_bits(config),
        swap=1,
        wide=1,
        split=1,
        load=1,
    )


def summed_beat(config):
    """A beat for an accumulator: ``valid``; ``first`` and ``last`` of an output within a slice; ``fresh``: in the first
    slice, ``complete``: in the last; the ``bank`` and the ``address`` of the output."""
    return Record(valid=1, first=1, last=1, fresh=1, bank=1, complete=1, address=address_bits(config))


def read_port(config):
    """``enable`` fetches the word at ``address`` of ``bank``; a later cycle with ``advance`` shows it in the next.

    A memory keeps what was fetched until the next ``enable``, which comes only with ``advance``.
    """
    return Record(enable=1, bank=1, address=address_bits(config), advance=1)


def parameter_beat(config):
    """A beat (``valid``) of parameters for ``bank``, the ``number``-th of its operation."""
    return Record(valid=1, bank=1, number=16, data=config.beat_bits)


def fetch(config):
    """What the collector tells the lanes.

    ``take``: an index counts as taken; ``give_back``: a bank has been read. ``read`` fetches an index; once it is shown
    its ``tap`` is looked at. ``split``: an index has two.
    """
    return Record(take=1, give_back=1, read=read_port(config), split=1, tap=1)


def answer(config):
    """A lane's answer to a fetch: ``sums`` (row 0 lowest) and ``parameter``; ``has_result``: an index waits to be
    taken."""
    return Record(sums=config.rows * config.acc_bits, parameter=32, has_result=1)


def shown(config):
    """What a lane shows: its ``answer``; its sequencer's ``state``; ``error``, high after an illegal weight."""
    return Record(answer=answer(config), state=3, error=1)
