"""Whether a lane takes a beat, and what it is."""

from myhdl import Signal, always_comb

from golden.units.patch import NO_PATCH, PATCH_KEY
from myhdl_acc.hdl.convert.entity import entity


@entity(outputs=("go", "step", "finish"))
def acceptance(busy, beat, operands, held, place, last, go, step, finish):
    """``go``: a beat may come; ``step``: it does (``beat`` is valid), and is one of ``weights``, ``scales`` or
    ``parameters``, or begins a slice (``swap``); ``finish``: it is its command's ``last`` of its kind.

    ``held``: the command's patch, and whether it is META; ``place``: whether the next beat is one of parameters or
    scales, or begins a slice; ``operands``: see records. Latency 0. All that a lane does in a cycle begins here, with
    little logic: so it is an entity of its own, which synthesis makes no deeper than it is.
    """
    patch_ready = Signal(bool(0))

    may_patch(patch=held.patch, operands=operands.only("key", "value", "room"), ready=patch_ready)

    @always_comb
    def handshake():
        go.next = busy and patch_ready and (place.in_parameters or not place.new_slice or operands.slice)

    @always_comb
    def steps():
        step.parameters.next = go and beat and place.in_parameters
        step.weights.next = go and beat and not place.in_parameters and not place.at_scale
        step.scales.next = go and beat and not place.in_parameters and place.at_scale
        step.swap.next = go and beat and not place.in_parameters and not place.at_scale and place.new_slice

    @always_comb
    def end():
        if held.meta:
            finish.next = go and beat and place.in_parameters and last
        else:
            finish.next = go and beat and not place.in_parameters and not place.at_scale and last


@entity(outputs=("ready",))
def may_patch(patch, operands, ready):
    """``ready``: what a command that patches needs for a beat is there. Latency 0."""

    @always_comb
    def judge():
        if patch == NO_PATCH:
            ready.next = True
        elif patch == PATCH_KEY:
            ready.next = operands.key and operands.room
        else:
            ready.next = operands.value and operands.room
