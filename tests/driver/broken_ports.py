"""Stands in for the accelerator, with its ports, and breaks one rule of AXI after the other."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import unused

#: What is broken by number, and what the message says.
FAULTS = {
    1: r"lane 1, source_ar: a burst of 2 beats at address 0xff0 leads across a 4 KB boundary",
    2: r"lane 1, source_ar: a burst of 1 beats at address 0x8 is not a whole beat's",
    3: r"lane 1, source_aw: a burst of 256 beats at address 0x10 leads across a 4 KB boundary",
    4: r"lane 1, source_w: last is missing",
    5: r"lane 1, source_w: last comes early",
    6: r"lane 1, source_w: the payload changed before the word was taken",
    7: r"lane 1, source_w: valid fell before the word was taken",
    8: r"s_axi_control: no answer within 1000 cycles",
    9: r"a combinational loop never settles: .*did not converge",
}
SILENT, RESTLESS = 8, 9


@entity(outputs=("interrupt_request", "shown"))
def broken_ports(clk, rst, control, source_ar, sink_r, source_aw, source_w, sink_b, interrupt_request, shown, config):
    """A write of a number of FAULTS to register 0 makes lane 1 break that rule."""
    fault = Signal(intbv(0)[4:])
    answer, chosen = Signal(bool(0)), Signal(bool(0))
    unused(control.sink_w.strobe, control.sink_ar.valid, control.sink_ar.address, control.source_r.ready)

    @always_comb
    def answers():
        control.sink_aw.ready.next = not answer and not rst
        control.sink_w.ready.next = not answer and not rst
        chosen.next = control.sink_aw.valid and control.sink_w.valid and control.sink_aw.address == 0
        control.source_b.valid.next = answer and fault != SILENT
        control.source_b.resp.next = 0
        control.sink_ar.ready.next = False
        control.source_r.valid.next = False
        control.source_r.data.next = 0
        control.source_r.resp.next = 0
        interrupt_request.next = False
        shown.vector_op.next = 0

    @always_seq(clk.posedge, reset=rst)
    def take():
        if control.sink_aw.valid and control.sink_w.valid and not answer:
            answer.next = True
        elif control.source_b.ready:
            answer.next = False
        if chosen:
            fault.next = control.sink_w.data[4:]

    oscillator(fault, shown.running)

    lanes = []
    for lane in range(config.lanes):
        lane_fault = Signal(intbv(0)[4:])
        lanes += [
            fault_of_lane(fault, lane_fault, lane),
            lane_ports(clk, rst, lane_fault, source_ar[lane], source_aw[lane], source_w[lane], shown.state[lane]),
            deaf(clk, sink_r[lane], sink_b[lane]),
        ]
    return answers, take, lanes


@block
def oscillator(fault, q):
    """What follows its own edges never settles."""
    back = Signal(bool(0))

    @always_comb
    def forth():
        q.next = fault == RESTLESS and not back

    @always(q.posedge, q.negedge)
    def return_():
        back.next = q


@block
def fault_of_lane(fault, lane_fault, lane):
    @always_comb
    def select():
        if lane == 1:
            lane_fault.next = fault
        else:
            lane_fault.next = 0

    return select


@block
def lane_ports(clk, rst, fault, ar, aw, w, state):
    step = Signal(intbv(0)[4:])
    unused(ar.ready, aw.ready, w.ready)

    @always_seq(clk.posedge, reset=rst)
    def count():
        if fault != 0 and step != 15:
            step.next = step + 1

    @always_comb
    def requests():
        state.next = 0
        ar.valid.next = (fault == 1 or fault == 2) and step == 1
        ar.length.next = 0
        ar.address.next = 8
        if fault == 1:
            ar.address.next = 4080
            ar.length.next = 1
        aw.valid.next = fault >= 3 and fault <= 5 and step == 1
        aw.address.next = 0
        aw.length.next = 1
        if fault == 3:
            aw.address.next = 16
            aw.length.next = 255
        if fault == 4:
            aw.length.next = 0

    @always_comb
    def data():
        w.valid.next = False
        if fault == 4 or fault == 5:
            w.valid.next = step == 2
        elif fault == 6:
            w.valid.next = step != 0
        elif fault == 7:
            w.valid.next = step == 1
        w.data.next = step
        w.last.next = fault == 5

    return count, requests, data


@block
def deaf(clk, r, b):
    unused(r.valid, r.data, r.resp, r.last, b.valid, b.resp, r.ready, b.ready)

    @always(clk.posedge)
    def never():
        r.ready.next = False
        b.ready.next = False

    return never
