"""A small design with the ports of a kernel, and its register map.

Every output is a known function of the inputs one cycle before, different for every lane and field, so that a wrong
wire of the kernel's top shows.
"""

from types import SimpleNamespace

from myhdl import Signal, always_seq, block

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.rtl.control.records import axi_lite
from myhdl_acc.simulate import Design, clock, reset

BEAT = 128


@entity(outputs=("interrupt_request", "state"))
def stand_in(
    clk, rst, control, interrupt_request, source_ar, sink_r, source_aw, source_w, sink_b, state,
):  # fmt: skip
    """Answers nothing sensible: see lane_stand_in and control_stand_in."""
    lanes = [
        lane_stand_in(clk, rst, source_ar[i], sink_r[i], source_aw[i], source_w[i], sink_b[i], i)
        for i in range(len(source_ar))
    ]
    return lanes, control_stand_in(clk, rst, *control.members().values(), interrupt_request, state)


@entity(outputs=())
def lane_stand_in(clk, rst, source_ar, sink_r, source_aw, source_w, sink_b, number):
    ar, r, aw, w, b = source_ar, sink_r, source_aw, source_w, sink_b

    @always_seq(clk.posedge, reset=rst)
    def step():
        ar.address.next = r.data[64:] + number
        ar.length.next = r.data[72:64]
        ar.valid.next = r.valid
        r.ready.next = ar.ready
        aw.address.next = r.data[128:64]
        aw.length.next = r.data[80:72] + b.resp
        aw.valid.next = r.last
        w.data.next = r.data + number + r.resp
        w.last.next = b.valid
        w.valid.next = aw.ready
        b.ready.next = w.ready

    return step


@block
def control_stand_in(clk, rst, aw, w, b, ar, r, interrupt_request, state):
    @always_seq(clk.posedge, reset=rst)
    def step():
        aw.ready.next = b.ready
        w.ready.next = r.ready
        b.valid.next = aw.valid
        b.resp.next = w.strobe[2:]
        ar.ready.next = w.valid
        r.valid.next = ar.valid
        r.data.next = w.data + aw.address + ar.address
        r.resp.next = w.strobe[4:2]
        interrupt_request.next = w.data[0]
        state.next = w.data[1]

    return step


def stand_in_design(lanes=2, beat=BEAT, block=stand_in, **changes):
    def bundle(**fields):
        return Array("ch", [Stream(**fields) for _ in range(lanes)])

    arguments = {
        "clk": clock(),
        "rst": reset(),
        "control": axi_lite(),
        "interrupt_request": Signal(bool(0)),
        "source_ar": bundle(address=64, length=8),
        "sink_r": bundle(data=beat, resp=2, last=1),
        "source_aw": bundle(address=64, length=8),
        "source_w": bundle(data=beat, last=1),
        "sink_b": bundle(resp=2),
        "state": Signal(bool(0)),
    }
    return Design(block, **(arguments | changes))


def row(name, offset, bits=32, kind="argument", port=None):
    return SimpleNamespace(name=name, offset=offset, bits=bits, kind=kind, port=port)


def registers(config):
    """A register map like the kernel's."""
    pointers = [row(f"m_axi_{i:02d}", 0x40 + 8 * i, 64, port=f"m_axi_{i:02d}") for i in range(config.lanes)]
    return [
        row("ctrl", 0x00, kind="control"),
        row("program", 0x10),
        row("watchdog", 0x20),
        row("status", 0x2C, kind="status"),
        *pointers,
        row("token", 0x140, kind="status"),
    ]
