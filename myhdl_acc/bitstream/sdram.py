"""The controller of a board's SDRAM as Verilog: LiteDRAM, with a port for each lane and one for the host.

LiteDRAM leaves the start of the memory to a processor. There is none here: a few commands in a row are enough for SDR.
"""

import math
import sys

from litedram import modules
from litedram.common import PhySettings, get_default_cl
from litedram.core.controller import ControllerSettings, LiteDRAMController
from litedram.core.crossbar import LiteDRAMCrossbar
from litedram.frontend.axi import LiteDRAMAXI2Native, LiteDRAMAXIPort
from litedram.phy.dfi import Interface
from litex.gen.fhdl import verilog
from migen import Case, Cat, ClockDomain, If, Module, Replicate, Signal

# LiteX leaves a module there that prints to standard output, for two seconds, as soon as anything looks at it.
sys.modules.pop("litex.soc.interconnect.stream_sim", None)

_DATA_BITS = 16
_POWER_UP = 200e-6  #: seconds before the first command
_BETWEEN = 16  #: cycles between two commands of the start, more than any of them takes
#: (ras, cas, we, address): all banks precharged, refreshed twice, and the mode register, whose address is None.
_START = (
    (1, 0, 1, 1 << 10), (1, 1, 0, 0), (1, 1, 0, 0), (1, 1, 1, None),
)  # fmt: skip


class _Pads:
    """The signals of the chip, which leave through registers; ``dq_i`` comes through one outside."""

    def __init__(self, address_bits, bank_bits):
        widths = dict(a=address_bits, ba=bank_bits, ras_n=1, cas_n=1, we_n=1, cs_n=1, cke=1, dm=2)
        for name, width in {**widths, "dq_o": _DATA_BITS, "dq_oe": 1, "dq_i": _DATA_BITS}.items():
            setattr(self, name, Signal(width, name=name))


class _Phy(Module):
    """LiteDRAM's GENSDRPHY, but for the pads: their tristates are outside.

    A word that is read is registered twice, half a cycle early at the pad, and here: a cycle later than in GENSDRPHY.
    """

    def __init__(self, pads, latency):
        self.settings = PhySettings(
            phytype="GENSDRPHY", memtype="SDR", databits=_DATA_BITS, dfi_databits=_DATA_BITS, nranks=1, nphases=1,
            rdphase=0, wrphase=0, cl=latency, read_latency=latency + 2, write_latency=0,
        )  # fmt: skip
        self.dfi = Interface(len(pads.a), len(pads.ba), 1, _DATA_BITS)
        phase = self.dfi.p0
        self.sync += [
            pads.a.eq(phase.address),
            pads.ba.eq(phase.bank),
            *(getattr(pads, name).eq(getattr(phase, name)) for name in ("ras_n", "cas_n", "we_n", "cs_n", "cke")),
            pads.dm.eq(Replicate(phase.wrdata_en, 2) & phase.wrdata_mask),
            pads.dq_o.eq(phase.wrdata),
            pads.dq_oe.eq(phase.wrdata_en),
            phase.rddata.eq(pads.dq_i),
        ]
        coming = Signal(self.settings.read_latency)
        self.sync += [coming.eq(Cat(phase.rddata_en, coming)), phase.rddata_valid.eq(coming[-1])]


class _Start(Module):
    """Gives the commands of _START to ``phase`` before ``ready`` rises; ``control`` has the phase afterwards."""

    def __init__(self, hz, latency, control, phase):
        self.ready = Signal(name="ready")
        wait, step = Signal(16, reset=math.ceil(_POWER_UP * hz)), Signal(max=len(_START) + 1)
        strobes, address = Signal(3), Signal(len(phase.address))
        cases = {
            number: [strobes.eq(ras | cas << 1 | we << 2), address.eq(latency << 4 if value is None else value)]
            for number, (ras, cas, we, value) in enumerate(_START)
        }
        last = step == len(_START)
        self.comb += [
            Case(step, cases | {"default": []}),
            control.connect(phase),
            If(
                ~self.ready,
                phase.cke.eq(1),
                phase.cs_n.eq((wait != 0) | last),
                Cat(phase.ras_n, phase.cas_n, phase.we_n).eq(~strobes),
                phase.address.eq(address),
                phase.bank.eq(0),
                phase.wrdata_en.eq(0),
                phase.rddata_en.eq(0),
            ),
        ]
        self.sync += If(
            ~self.ready,
            If(wait != 0, wait.eq(wait - 1)).Elif(last, self.ready.eq(1)).Else(step.eq(step + 1), wait.eq(_BETWEEN)),
        )


class _Sdram(Module):
    """``ios``: all signals of the module's ports."""

    def __init__(self, chip, hz, lanes, beat_bits):
        self.clock_domains.cd_sys = ClockDomain()
        module = getattr(modules, chip)(hz, "1:1")
        latency = get_default_cl("SDR", 1 / hz)
        geometry = module.geom_settings
        pads = _Pads(geometry.addressbits, geometry.bankbits)
        self.submodules.phy = phy = _Phy(pads, latency)
        # A bank's queue must not be ``buffered``: its lock would rise late, and another port would get a word's answer.
        self.submodules.controller = controller = LiteDRAMController(
            phy.settings, geometry, module.timing_settings, hz, ControllerSettings(cmd_buffer_buffered=False)
        )
        self.submodules.start = start = _Start(hz, latency, controller.dfi.p0, phy.dfi.p0)
        self.submodules.crossbar = crossbar = LiteDRAMCrossbar(controller.interface)
        self.ios = {*vars(pads).values(), start.ready, self.cd_sys.clk, self.cd_sys.rst}
        address_bits = geometry.bankbits + geometry.rowbits + geometry.colbits + 1
        for lane in range(lanes):
            axi = LiteDRAMAXIPort(beat_bits, address_bits, id_width=1)
            self.submodules += LiteDRAMAXI2Native(axi, crossbar.get_port(data_width=beat_bits))
            self._lane(axi, f"lane{lane:02d}", (beat_bits // 8 - 1).bit_length())
        self._host(crossbar.get_port())

    def _port(self, name, signal, output):
        """A port of the module of this name."""
        pin = Signal(len(signal), name=name)
        self.comb += pin.eq(signal) if output else signal.eq(pin)
        self.ios.add(pin)

    def _stream(self, name, endpoint, output, **fields):
        self._port(f"{name}_valid", endpoint.valid, output)
        self._port(f"{name}_ready", endpoint.ready, not output)
        for field, signal in fields.items():
            self._port(f"{name}_{field}", signal, output)

    def _lane(self, axi, name, size):
        for channel in ("ar", "aw"):
            request = getattr(axi, channel)
            self._stream(f"{name}_{channel}", request, False, address=request.addr, length=request.len)
            self.comb += [request.size.eq(size), request.burst.eq(1)]
        self._stream(f"{name}_r", axi.r, True, data=axi.r.data, resp=axi.r.resp, last=axi.r.last)
        self._stream(f"{name}_w", axi.w, False, data=axi.w.data, last=axi.w.last)
        self.comb += axi.w.strb.eq(2 ** len(axi.w.strb) - 1)
        self._stream(f"{name}_b", axi.b, True, resp=axi.b.resp)

    def _host(self, port):
        self._stream("host_command", port.cmd, False, write=port.cmd.we, address=port.cmd.addr)
        self._stream("host_word", port.wdata, False, data=port.wdata.data)
        self.comb += port.wdata.we.eq(3)
        self._stream("host_read", port.rdata, True, data=port.rdata.data)


def sdram_verilog(chip, hz, lanes, beat_bits):
    """The text of the module ``sdram`` for a chip of LiteDRAM's list."""
    sdram = _Sdram(chip, hz, lanes, beat_bits)
    text = str(verilog.convert(sdram, sdram.ios, name="sdram"))
    # Its comments name the time at which it was made.
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//")) + "\n"
