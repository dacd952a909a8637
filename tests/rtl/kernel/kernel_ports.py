"""The ports of a kernel: what they must be, and what a VHDL text declares."""

CONTROL = """awvalid:in awready:out awaddr:in:12 wvalid:in wready:out wdata:in:32 wstrb:in:4 bvalid:out bready:in
    bresp:out:2 arvalid:in arready:out araddr:in:12 rvalid:out rready:in rdata:out:32 rresp:out:2"""
MASTER = """araddr:out:64 arlen:out:8 arsize:out:3 arburst:out:2 arcache:out:4 arprot:out:3 arvalid:out arready:in
    rdata:in:{beat} rresp:in:2 rlast:in rvalid:in rready:out
    awaddr:out:64 awlen:out:8 awsize:out:3 awburst:out:2 awcache:out:4 awprot:out:3 awvalid:out awready:in
    wdata:out:{beat} wstrb:out:{strobes} wlast:out wvalid:out wready:in bresp:in:2 bvalid:in bready:out"""


def expected_ports(lanes, beat):
    """{name: (mode, width or None)} of a kernel, as Vitis wants them."""
    master = MASTER.format(beat=beat, strobes=beat // 8)
    ports = {"ap_clk": ("in", None), "ap_rst_n": ("in", None), "interrupt": ("out", None)}
    busses = [("s_axi_control", CONTROL)] + [(f"m_axi_{lane:02d}", master) for lane in range(lanes)]
    for bus, signals in busses:
        for signal in signals.split():
            name, mode, *width = signal.split(":")
            ports[f"{bus}_{name}"] = mode, int(width[0]) if width else None
    return ports


def declared_ports(text):
    """The same of a VHDL text."""
    body = text.split("port (", 1)[1].split(");\nend entity", 1)[0]
    ports = {}
    for line in body.strip().splitlines():
        name, rest = line.strip().rstrip(";").split(" : ")
        mode, kind = rest.split(" ", 1)
        if kind == "std_logic":
            ports[name] = mode, None
        else:
            assert kind.startswith("std_logic_vector(") and kind.endswith(" downto 0)")
            ports[name] = mode, int(kind[len("std_logic_vector(") :].split()[0]) + 1
    return ports
