"""The standard test of a stream block: known words in, known words out, whatever the back-pressure."""

from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.scoreboard import check_run

#: name: (kind of gaps at the inputs, kind of gaps at the outputs)
PATTERNS = {
    "full_speed": ("never", "never"),
    "slow_sink": ("always", "never"),
    "slow_source": ("never", "always"),
    "random": ("random", "random"),
    "bursty": ("bursty", "bursty"),
}


def word_count(words):
    """The number of words in ``{field: array}`` (or the number itself, for a stream without payload)."""
    return len(next(iter(words.values()))) if isinstance(words, dict) else words


def exercise(design, inputs, expected, backend="myhdl", patterns=tuple(PATTERNS), seed=0):
    """Runs ``inputs`` through ``design`` under each pattern of back-pressure and checks every output word.

    inputs: as for ``run`` of ``simulate``; plain input signals keep their value. expected: ``{stream: {field: array}}``
    or ``{stream: count}`` for a stream without payload. All patterns run in one session, so the design must be empty
    after ``inputs``. Returns the recorded run of each pattern. Raises AssertionError for a wrong word, DeadlockError if
    words are missing.
    """
    counts = {name: word_count(words) for name, words in inputs.items() if name in design.inputs}
    wanted = {name: word_count(words) for name, words in expected.items()}
    runs = {}
    with open_simulation(design, backend=backend) as simulation:
        for pattern in patterns:
            gaps = {}
            for kind, sizes in zip(PATTERNS[pattern], (counts, wanted), strict=True):
                for name, size in sizes.items():
                    gaps[name] = gap_array(kind, size, seed + len(gaps))
            runs[pattern] = simulation.run(inputs=inputs, expect=wanted, gaps=gaps, record=True)
            check_run(runs[pattern], expected)
    return runs
