"""The GHDL backend: the converted VHDL in a test bench that exchanges its pins with Python once per cycle.

Python sends a line of hexadecimal digits with the values of all input ports; the bench lets them settle, answers with
those of all output ports and gives a clock edge. The drivers are those of every lockstep backend, so nothing about the
cycles is written twice, and a session lasts as long as the process.
"""

import subprocess

from myhdl_acc.simulate.cache import build, converted, require, run_tool
from myhdl_acc.simulate.lockstep import LockstepSimulation
from myhdl_acc.simulate.stimulus import SimulationError, as_signed

_BENCH = """\
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use std.textio.all;

entity bench is
end entity bench;

architecture simulation of bench is
{signals}
    signal pins : std_logic_vector({high_in} downto 0) := (others => '0');
    signal seen : std_logic_vector({high_out} downto 0);
begin
{wiring}
    dut : entity work.{top}
        port map (
{ports}
        );

    cycles : process
        variable request, answer : line;
        variable value : std_logic_vector({high_in} downto 0);
    begin
        loop
            exit when endfile(input);
            readline(input, request);
            hread(request, value);
            pins <= value;
            {low}
            wait for 5 ns;
            hwrite(answer, seen);
            writeline(output, answer);
            flush(output);
            {high}
            wait for 5 ns;
        end loop;
        wait;
    end process cycles;
end architecture simulation;
"""


def _digits(port):
    return -(-port.width // 4)


def _type(port):
    if port.width == 1 and not port.signed and port.bit:
        return "std_logic"
    return f"{'signed' if port.signed else 'unsigned'}({port.width - 1} downto 0)"


def bench(design, top, driven, sampled):
    """The VHDL test bench of a design; every port takes whole hexadecimal digits of a line, the first the leftmost."""
    signals, wiring, ports = [], [], []
    for vector, side in (("pins", driven), ("seen", sampled)):
        position = sum(4 * _digits(port) for port in side)
        for port in side:
            position -= 4 * _digits(port)
            top_bit = position + port.width - 1
            signals.append(f"    signal p_{port.name} : {_type(port)};")
            if port.bit:
                slice_, value = f"{vector}({position})", f"p_{port.name}"
                source = slice_
            else:
                kind = "signed" if port.signed else "unsigned"
                slice_, value = f"{vector}({top_bit} downto {position})", f"std_logic_vector(p_{port.name})"
                source = f"{kind}({slice_})"
            if vector == "pins":
                wiring.append(f"    p_{port.name} <= {source};")
            else:
                wiring.append(f"    {slice_} <= {value};")
                padding = position + 4 * _digits(port) - 1
                wiring += [f"    {vector}({padding} downto {top_bit + 1}) <= (others => '0');"] * (padding > top_bit)
    if design.clock:
        signals.append("    signal clock : std_logic := '0';")
    ports = [f"            {p.name} => {'clock' if p.name == design.clock else 'p_' + p.name}" for p in design.ports]
    return _BENCH.format(
        top=top,
        signals="\n".join(signals),
        wiring="\n".join(wiring),
        ports=",\n".join(ports),
        high_in=max(1, 4 * sum(map(_digits, driven))) - 1,
        high_out=max(1, 4 * sum(map(_digits, sampled))) - 1,
        low="clock <= '0';" if design.clock else "",
        high="clock <= '1';" if design.clock else "",
    )


class GhdlSimulation(LockstepSimulation):
    """Simulates the VHDL with ghdl (any code generator)."""

    def __init__(self, design):
        super().__init__(design)
        require("ghdl")
        top, files = converted(design, "vhdl")
        files = {**files, "bench.vhd": bench(design, top, self.driven, self.sampled)}
        analyse = ["ghdl", "-a", "--std=08", "-frelaxed", *files]

        def make(directory):
            run_tool(analyse, directory)

        directory = build("ghdl", {**files, "command": " ".join(analyse)}, make)
        self._process = subprocess.Popen(
            ["ghdl", "--elab-run", "--std=08", "bench", "--ieee-asserts=disable"],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for Python, which then ends the process
        )
        try:
            self._pulse_reset()
        except BaseException:
            self.close()
            raise

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _cycle(self, pins):
        request = "".join(
            f"{value & (1 << port.width) - 1:0{_digits(port)}x}" for value, port in zip(pins, self.driven, strict=True)
        )
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
        except BrokenPipeError:
            answer = self._process.stdout.readline().strip()
        if len(answer) != sum(map(_digits, self.sampled)):
            if "--stop-delta" in answer:
                answer = "a combinational loop never settles"
            raise SimulationError(f"ghdl: {answer or 'the simulation ended'}")
        samples, position = [], 0
        for port in self.sampled:
            digits = answer[position : position + _digits(port)]
            position += _digits(port)
            samples.append(self._value(port, digits))
        return samples

    def _value(self, port, digits):
        """The number that a port's digits stand for, None for unknown bits."""
        try:
            value = int(digits, 16)
        except ValueError:
            return None
        return as_signed(value, port.width) if port.signed else value
