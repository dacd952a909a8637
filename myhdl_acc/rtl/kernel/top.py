"""Writes the kernel's top in VHDL-93: AXI ports of std_logic and std_logic_vector around the converted design.

Vitis reads a kernel's ports from its top, and wants them in VHDL-93; the files below it are VHDL-2008.
"""

_TEXT = """\
-- {kernel}: the AXI ports of the kernel around the entity {top}.
-- Written by myhdl_acc.rtl.kernel. VHDL-93.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity {kernel} is
    port (
        ap_clk : in std_logic;
        ap_rst_n : in std_logic;
{ports}
    );
end entity {kernel};

architecture structure of {kernel} is
    component {top}
        port (
{component}
        );
    end component;

    -- Active high, one register behind ap_rst_n.
    signal reset : std_logic := '1';
{signals}
begin
    process (ap_clk)
    begin
        if rising_edge(ap_clk) then
            reset <= not ap_rst_n;
        end if;
    end process;

{assignments}

    u_{top} : {top}
        port map (
{port_map}
        );
end architecture structure;
"""


def kernel_top(kernel, design, top, ports):
    """The VHDL text; ``top``: the name of the design's entity, ``ports``: its KernelPorts."""
    connected = {port.inner.name for port in ports if port.inner}
    actuals = {port.name: f"i_{port.name}" if port.name in connected else "open" for port in design.ports}
    actuals |= {design.clock: "ap_clk", design.reset: "reset"}
    return _TEXT.format(
        kernel=kernel,
        top=top,
        ports=_lines(";", 8, (f"{port.name} : {_mode(port)} {_outer_type(port)}" for port in ports)),
        component=_lines(";", 12, (f"{port.name} : {_mode(port)} {_inner_type(port)}" for port in design.ports)),
        signals="\n".join(
            f"    signal i_{port.name} : {_inner_type(port)};" for port in design.ports if port.name in connected
        ),
        assignments="\n".join(f"    {_assignment(port)}" for port in ports),
        port_map=_lines(",", 12, (f"{name} => {actual}" for name, actual in actuals.items())),
    )


def _lines(separator, indent, items):
    return f"{separator}\n".join(" " * indent + item for item in items)


def _mode(port):
    return "out" if port.output else "in"


def _outer_type(port):
    return "std_logic" if port.width is None else f"std_logic_vector({port.width - 1} downto 0)"


def _inner_type(port):
    """The type that MyHDL gives a port."""
    if port.bit:
        return "std_logic"
    return f"{'signed' if port.signed else 'unsigned'}({port.width - 1} downto 0)"


def _assignment(port):
    if port.inner is None:
        if set(port.constant) == {"1"} and port.width > 8:
            return f"{port.name} <= (others => '1');"
        return f'{port.name} <= "{port.constant}";'
    inner = f"i_{port.inner.name}"
    if port.width is None:
        return f"{port.name} <= {inner};" if port.output else f"{inner} <= {port.name};"
    if not port.output:
        return f"{inner} <= unsigned({port.name});"
    value = inner if port.width == port.inner.width else f"resize({inner}, {port.width})"
    return f"{port.name} <= std_logic_vector({value});"
