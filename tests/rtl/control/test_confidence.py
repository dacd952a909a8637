"""Confidence against golden's, a judgement in every cycle."""

from random import Random

import pytest
from resident_benches import confidence_design

from golden.units.confidence import Confidence
from myhdl_acc.simulate import BACKENDS, open_simulation


def random_passes(rng, count):
    """Judgements: now drafts fail for long, now some are right."""
    passes = []
    while len(passes) < count:
        right, tried = rng.choice([0, 0, 0.1, 0.9]), rng.choice([0.3, 1])
        passes += [
            {
                "clear": int(rng.random() < 0.002),
                "judge": int(rng.random() < 0.9),
                "tried": int(rng.random() < tried),
                "right": int(rng.random() < right),
            }
            for _ in range(rng.randint(1, 300))
        ]
    return passes


@pytest.mark.parametrize("backend", BACKENDS)
def test_follows_in_the_next_cycle(backend):
    passes, expected = random_passes(Random(5), 1500), []
    golden = Confidence()
    for one in passes:
        expected.append(int(golden.tries))
        if one["clear"]:
            golden.clear()
        elif one["judge"]:
            golden.judge(one["tried"], one["right"])
    assert 0.2 < sum(expected) / len(expected) < 0.8
    with open_simulation(confidence_design(), backend) as simulation:
        run = simulation.run(
            {"sink": {name: [one[name] for one in passes] for name in passes[0]}}, {"source": len(passes)}
        )
    assert run.outputs["source"]["tries"].tolist() == expected
