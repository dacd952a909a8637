"""Blocks whose streams answer each other, a step at a time: what comes in, and all that must come of it."""

import numpy as np

from myhdl_acc.simulate import open_simulation

#: A simulator of each language.
SIMULATORS = ("myhdl", "icarus", "ghdl")


class Steps:
    """A simulation of ``design``. ``pauses``: up to so many cycles before a word is offered or taken."""

    def __init__(self, design, backend="myhdl", pauses=0):
        self._simulation = open_simulation(design, backend)
        self._pauses, self._rng = pauses, np.random.default_rng(0)

    def __enter__(self):
        self._simulation.__enter__()
        return self

    def __exit__(self, *error):
        return self._simulation.__exit__(*error)

    def step(self, inputs=None, outputs=None, late=()):
        """Give each stream of ``inputs`` a word ({field: value}), and take one of each of ``outputs``, which is this.
        Inputs in ``late`` come when all that can be taken before has been. A number is a level. Gives the cycles of
        transfers.
        """
        inputs, outputs = inputs or {}, outputs or {}
        words = {name: word for name, word in inputs.items() if isinstance(word, dict)}
        levels = {name: level for name, level in inputs.items() if not isinstance(level, dict)}
        gaps = {name: [int(self._rng.integers(self._pauses + 1))] for name in [*words, *outputs]}
        for name in late:
            gaps[name][0] += 2 * self._pauses + 2
        run = self._simulation.run(
            {name: {field: [value] for field, value in word.items()} for name, word in words.items()} | levels,
            dict.fromkeys(outputs, 1),
            gaps,
            record=True,
        )
        for name, word in outputs.items():
            found = {field: column.tolist()[0] for field, column in run.outputs[name].items()}
            assert {field: found[field] for field in word} == word, name
        return {name: cycles[0] for name, cycles in run.transfers.items() if len(cycles)}
