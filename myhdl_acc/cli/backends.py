"""What decodes: the golden model, the whole accelerator in Verilator, or the golden model with a simulated engine."""

import contextlib

from golden.units.engine import execute_all


class GoldenEngine:
    """The golden model in the place of RtlEngine; it has no clock, so ``cycles`` is None."""

    cycles = None

    def execute(self, operations):
        return execute_all(operations)


@contextlib.contextmanager
def open_engine(backend, config, **options):
    """An engine with ``execute(operations)`` and ``cycles``; ``options`` are RtlEngine's."""
    if backend == "golden":
        yield GoldenEngine()
        return
    from myhdl_acc.driver.rtl_engine import RtlEngine

    with RtlEngine(config, backend, **options) as engine:
        yield engine


@contextlib.contextmanager
def open_decoder(backend, config, model, rule, check, device=None, speculation=None):
    """``(decoder, clock)`` with ``rule`` (LambdaRule): something with ``generate(prompt, count)`` and ``reset()``, and
    what counts ``cycles`` and ``checked`` integers.

    ``verilator`` is the whole accelerator; in the other simulators the engine alone computes the products. ``device``:
    a serial port in the place of these, with a board of this configuration. With ``speculation`` (``drafts``
    and ``source`` of Accelerator) golden is the accelerator's golden machine.
    """
    speculation = speculation or {}
    from golden.decoder import ROWS, Decoder
    from myhdl_acc.program.compiler import Compiler

    if device is not None:
        Compiler(model, rule, config, **speculation)
        from myhdl_acc.driver.checked import CheckedAccelerator
        from myhdl_acc.driver.serial_device import SerialDevice

        board = SerialDevice(config, device, blank=check)
        accelerator = CheckedAccelerator(board, config, model, rule, check, **speculation)
        yield accelerator, accelerator
        return
    if backend == "verilator":
        Compiler(model, rule, config, **speculation)  # what does not fit is said before anything is built
        from myhdl_acc.driver.checked import CheckedAccelerator
        from myhdl_acc.driver.simulation_device import SimulationDevice

        with SimulationDevice(config, "hbm2") as device:
            accelerator = CheckedAccelerator(device, config, model, rule, check, **speculation)
            yield accelerator, accelerator
        return
    if speculation:
        from myhdl_acc.driver import Accelerator, GoldenDevice

        accelerator = Accelerator(GoldenDevice(config), config, **speculation)
        accelerator.load(model, rule)
        yield accelerator, accelerator
        return
    options, rows = ({}, ROWS) if backend == "golden" else ({"check": check}, config.rows)
    with open_engine(backend, config, **options) as engine:
        yield Decoder(model, execute=engine.execute, sinks=rule.sinks, window=rule.window, rows=rows), engine
