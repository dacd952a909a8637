"""The MyHDL backend: the generators themselves, no conversion."""

from golden.errors import InputError
from myhdl_acc.hdl.convert.entity import leaf_ports, recreate
from myhdl_acc.hdl.convert.loops import CombinationalPaths
from myhdl_acc.simulate.axi_monitor import axi_monitors_of
from myhdl_acc.simulate.design import clock
from myhdl_acc.simulate.kernel import Kernel
from myhdl_acc.simulate.lockstep import LockstepSimulation
from myhdl_acc.simulate.monitor import monitoring, monitors_of


class KernelSimulation(LockstepSimulation):
    """Drives whatever ``_instantiate`` returns with MyHDL's simulator."""

    def __init__(self, design):
        super().__init__(design)
        self._kernel = Kernel()
        with self._kernel.active():
            arguments = {name: recreate(description) for name, description in design.spec.arguments}
            signals = {name: sig for key, value in arguments.items() for name, sig in leaf_ports(key, value)}
            self._inputs = [signals[port.name] for port in self.driven]
            self._outputs = [signals[port.name] for port in self.sampled]
            self._clock = signals.get(design.clock, clock())
            self._last = [None] * len(self._inputs)
            self._kernel.start(self._instantiate(arguments, signals))
            self._pulse_reset()

    def _instantiate(self, arguments, signals):
        raise NotImplementedError

    def run(self, *args, **kwargs):
        with self._kernel.active():
            return super().run(*args, **kwargs)

    run.__doc__ = LockstepSimulation.run.__doc__

    def _cycle(self, pins):
        last = self._last
        for index, value in enumerate(pins):
            if value != last[index]:
                self._inputs[index].next = last[index] = value
        self._clock.next = False
        self._kernel.step()
        samples = self._sample()
        self._clock.next = True
        self._kernel.step()
        return samples

    def _sample(self):
        return [int(sig.val) for sig in self._outputs]


class MyhdlSimulation(KernelSimulation):
    """Simulates the design's block on signals of its own, with a monitor on every stream of every entity in it."""

    def _instantiate(self, arguments, signals):
        with monitoring(monitors_of, axi_monitors_of):
            block = self.design.block(**arguments)
        loop = CombinationalPaths(block).loop()
        if loop:
            raise InputError(f"myhdl: a combinational loop: {loop}")
        return block

    def close(self):
        self._kernel.stop()
