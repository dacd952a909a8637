"""Runs a design one clock cycle at a time: the drivers are in Python, the backend only moves pins.

A stream's driver is a register like any other: what it drives in a cycle follows from the transfers of earlier
cycles. Valid stays low for ``gaps[i]`` cycles between the transfer of word i − 1 and the offer of word i (0: it is
offered in the very next cycle), and so does ready of an output stream. The payload keeps its value until the next word
is offered. Where all awaited words have been seen, ready stays low and later words wait for the next run.
"""

from dataclasses import dataclass, field

import numpy as np

from myhdl_acc.hdl.stream.stream import STALLED, STATES, TRANSFER
from myhdl_acc.simulate.events import make_events, recorded_probes
from myhdl_acc.simulate.stimulus import (
    DEADLOCK_CYCLES,
    RESET_CYCLES,
    DeadlockError,
    Run,
    SimulationError,
    check_stimulus,
    deadlock_message,
    from_integers,
    rule_message,
    to_integers,
    unknown_message,
)


@dataclass
class _Driver:
    """The driver's end of one stream: it drives valid and payload of an input stream, ready of an output stream."""

    name: str
    output: bool
    handshake: int  # position of the other side's handshake signal among the sampled pins
    own: int  # position of the driven handshake signal among the driven pins
    payload: list  # (position of the field's pin, its values)
    count: int
    gaps: list
    done: int = 0
    wait: int = 0
    state: int = 0
    states: list = field(default_factory=lambda: [0] * len(STATES))
    held: tuple = None  # the word that was offered and not taken in the cycle before
    transfers: list = field(default_factory=list)

    def __post_init__(self):
        self._load_gap()

    def _load_gap(self):
        self.wait = self.gaps[self.done] if self.gaps and self.done < self.count else 0

    def drive(self, pins):
        """Put this cycle's values on the driven pins."""
        active = self.done < self.count and not self.wait
        pins[self.own] = int(active)
        if active and not self.output:
            for pin, values in self.payload:
                pins[pin] = values[self.done]

    def observe(self, samples, cycle, record):
        """Take note of what happened in the cycle and move on to the next one's values."""
        if samples[self.handshake] is None:
            raise SimulationError(unknown_message(f"{self.name}_{'valid' if self.output else 'ready'}", cycle))
        other, active = samples[self.handshake], self.done < self.count and not self.wait
        valid, ready = (other, active) if self.output else (active, other)
        self.state = 2 * valid + ready
        self.states[self.state] += 1
        if self.output:
            self._check_rules(valid, samples, cycle)
        if self.state == TRANSFER:
            if record:
                self.transfers.append(cycle)
            if self.output:
                for pin, values in self.payload:
                    if samples[pin] is None:
                        raise SimulationError(unknown_message(f"the payload of {self.name}", cycle))
                    values.append(samples[pin])
            self.done += 1
            self._load_gap()
        elif self.wait:
            self.wait -= 1

    def _check_rules(self, valid, samples, cycle):
        word = tuple(samples[pin] for pin, _ in self.payload)
        if self.held is not None and (not valid or word != self.held):
            raise SimulationError(rule_message(self.name, cycle, "the payload changed" if valid else "valid fell"))
        self.held = word if self.state == STALLED else None


class Recorder:
    """Collects run lengths: track t holds a value from a start to the cycle before it changes."""

    def __init__(self, tracks):
        self.current = [None] * tracks
        self.since = [0] * tracks
        self.intervals = ([], [], [], [])

    def put(self, track, cycle, value):
        before = self.current[track]
        if value != before:
            if before is not None:
                self._close(track, cycle)
            self.current[track], self.since[track] = value, cycle

    def _close(self, track, cycle):
        values = (track, self.since[track], cycle, self.current[track])
        for column, item in zip(self.intervals, values, strict=True):
            column.append(item)

    def finish(self, cycle):
        for track, value in enumerate(self.current):
            if value is not None and cycle > self.since[track]:
                self._close(track, cycle)
        return self.intervals


class LockstepSimulation:
    """A simulation session; its state persists from run to run. Use it as a context manager or close() it.

    A backend implements ``_cycle(pins)``: apply the values of ``driven`` ports, let the design settle, return the
    values of ``sampled`` ports, None for one with unknown bits, and give a rising clock edge; and ``close()``.
    """

    def __init__(self, design):
        self.design = design
        self.driven = [p for p in design.ports if not p.output and p.name != design.clock]
        self.sampled = [p for p in design.ports if p.output]
        self._pins = [0] * len(self.driven)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _pulse_reset(self):
        """Give the design RESET_CYCLES rising edges with reset asserted and all inputs low."""
        reset = [p.name for p in self.driven].index(self.design.reset) if self.design.reset else None
        if reset is not None:
            self._pins[reset] = 1
        for _ in range(RESET_CYCLES):
            self._cycle(self._pins)
        if reset is not None:
            self._pins[reset] = 0

    def _drivers(self, stimulus):
        driven = {port.name: index for index, port in enumerate(self.driven)}
        sampled = {port.name: index for index, port in enumerate(self.sampled)}
        drivers = []
        for name, stream in self.design.streams.items():
            gaps = stimulus.gaps[name].tolist() if name in stimulus.gaps else []
            if stream.output:
                payload = [(sampled[f"{name}_{field}"], []) for field in stream.fields]
                ends = (sampled[f"{name}_valid"], driven[f"{name}_ready"])
            else:
                words = stimulus.words[name]
                payload = [
                    (driven[f"{name}_{field}"], to_integers(words[field], *shape))
                    for field, shape in stream.fields.items()
                ]
                ends = (sampled[f"{name}_ready"], driven[f"{name}_valid"])
            drivers.append(_Driver(name, stream.output, *ends, payload, stimulus.counts[name], gaps))
        return drivers

    def run(self, inputs=None, expect=None, gaps=None, record=False, progress=None):
        """Feed ``inputs`` until they are consumed and ``expect`` words came out of each output stream; return the Run.

        ``inputs``: {stream: {field: array}} ({stream: count} for a stream without payload), and {signal: integer} for
        plain inputs, which keep that value. ``expect``: {stream: words}. ``gaps``: {stream: cycles before each word}.
        ``progress(cycles)`` is called now and then. Raises InputError for arguments that do not fit the design,
        DeadlockError if nothing moves, SimulationError if the design breaks a stream rule.
        """
        stimulus = check_stimulus(self.design, inputs, expect, gaps, record)
        drivers = self._drivers(stimulus)
        for index, port in enumerate(self.driven):
            self._pins[index] = stimulus.levels.get(port.name, self._pins[index])
        names = [port.name for port in self.sampled]
        probes = [names.index(name) for name in recorded_probes(self.design)]
        recorder = Recorder(len(drivers) + len(probes)) if record else None
        cycle = quiet = 0
        while any(driver.done < driver.count for driver in drivers):
            for driver in drivers:
                driver.drive(self._pins)
            samples = self._cycle(self._pins)
            for driver in drivers:
                driver.observe(samples, cycle, record)
            if recorder:
                for index in probes:
                    if samples[index] is None:
                        raise SimulationError(unknown_message(names[index], cycle))
                values = [driver.state for driver in drivers] + [samples[index] for index in probes]
                for track, value in enumerate(values):
                    recorder.put(track, cycle, value)
            cycle += 1
            quiet = 0 if any(driver.state == TRANSFER for driver in drivers) else quiet + 1
            if quiet == DEADLOCK_CYCLES:
                progresses = [(driver.name, driver.done, driver.count, driver.state) for driver in drivers]
                raise DeadlockError(deadlock_message(self.design, progresses))
            if progress and cycle % 1024 == 0:
                progress(cycle)
        return self._result(drivers, cycle, recorder)

    def _result(self, drivers, cycles, recorder):
        outputs, shapes = {}, {name: stream.fields for name, stream in self.design.outputs.items()}
        for driver in drivers:
            if driver.output:
                fields = shapes[driver.name]
                outputs[driver.name] = {
                    name: from_integers(values, fields[name][0])
                    for name, (_, values) in zip(fields, driver.payload, strict=True)
                }
        run = Run(outputs, cycles, {driver.name: dict(zip(STATES, driver.states, strict=True)) for driver in drivers})
        if recorder:
            run.transfers = {driver.name: np.array(driver.transfers, np.int64) for driver in drivers}
            run.events = make_events(self.design, *recorder.finish(cycles))
        return run
