"""Refuses combinational loops, also those that lead through several entities."""

from myhdl_acc.hdl.convert.entity import is_output, leaf_ports
from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.hdl.convert.loops import CombinationalPaths


def check_loops(entities, blocks):
    """Raise ConversionError if there is a loop. ``entities``: ``{name: spec}``, each after those that it uses.

    ``blocks``: ``{spec key: its elaborated block}``, with stubs for the entities below it.
    """
    known = {}

    def inside(instance):
        ports, paths = instance.sigdict, known[instance.spec.key] if hasattr(instance, "spec") else ()
        return [(ports[source], ports[target], places) for source, target, places in paths]

    for name, spec in entities.items():
        block, (deco, _) = blocks[spec.key], spec.build()
        paths = CombinationalPaths(block, inside)
        loop = paths.loop()
        if loop:
            raise ConversionError(f"{name}: a combinational loop: {loop}")
        ports = dict(port for argument in block.kwargs.items() for port in leaf_ports(*argument))
        outputs = {port: signal for port, signal in ports.items() if is_output(port, deco.outputs)}
        inputs = {port: signal for port, signal in ports.items() if port not in outputs}
        known[spec.key] = paths.between(inputs, outputs)
