"""Whether a lane takes a beat, and what it is."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity


@entity(outputs=("go", "step", "finish"))
def acceptance(may, beat, operands, held, place, last, go, step, finish):
    """``go``: a beat may come; ``step``: it does (``beat`` is valid), and is one of ``weights``, ``scales`` or
    ``parameters``, or begins a slice (``swap``); ``finish``: it is its command's ``last`` of its kind.

    ``may``: there is a command, and the key or value that it needs; ``held``: whether it patches, and is META;
    ``place``: whether the next beat is one of parameters or scales, or begins a slice; ``operands``: see records.
    Latency 0. All that a lane does in a cycle begins here, with little logic: so it is an entity of its own, which
    synthesis makes no deeper than it is.
    """

    @always_comb
    def handshake():
        go.next = (
            may
            and (operands.room or not held.patches)
            and (place.in_parameters or not place.new_slice or operands.slice)
        )

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


@entity(outputs=("launch",))
def succession(busy, finish, waiting, launch):
    """``launch``: the command that is ``waiting`` begins with the ``finish`` of the one that keeps the lane ``busy``.
    Latency 0."""

    @always_comb
    def begin():
        launch.next = waiting and (finish or not busy)
