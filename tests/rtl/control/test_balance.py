"""The head's balance against golden's, an outcome in every second cycle."""

from random import Random

import pytest
from resident_benches import balance_design

from golden.units.balance import COST_BITS, Balance
from myhdl_acc.rtl.control.balance import LATENCY
from myhdl_acc.simulate import BACKENDS, open_simulation

_COSTS = (0, 1, 20, 50, 200, (1 << COST_BITS) - 1)
_NOTHING = {"clear": 0, "judge": 0, "tried": 0, "accepted": 0, "cost": 0}


def random_passes(rng, count):
    """Outcomes with what golden thinks when each comes: drafts cost little or much, and are right now and then."""
    golden, passes = Balance(), []
    while len(passes) < count:
        right, most, cost = rng.choice([0, 0.2, 0.9]), rng.choice([1, 3, 15]), rng.choice(_COSTS)
        for _ in range(rng.randint(1, 200)):
            one = {
                "clear": int(rng.random() < 0.005),
                "judge": int(rng.random() < 0.95),
                "tried": int(golden.tries and rng.random() < 0.9),
                "accepted": rng.randint(1, most) if rng.random() < right else 0,
                "cost": cost,
            }
            passes.append((one, int(golden.tries)))
            if one["clear"]:
                golden.clear()
            elif one["judge"]:
                golden.judge(one["tried"], one["accepted"], cost)
    return passes


@pytest.mark.parametrize("backend", BACKENDS)
def test_follows_two_cycles_later(backend):
    passes = random_passes(Random(5), 2000)
    sent, expected = [], []
    for one, tries in passes:
        sent += [one] + [_NOTHING] * (LATENCY - 1)
        expected += [tries] * LATENCY
    assert 0.1 < sum(expected) / len(expected) < 0.9
    with open_simulation(balance_design(), backend) as simulation:
        run = simulation.run({"sink": {name: [one[name] for one in sent] for name in _NOTHING}}, {"source": len(sent)})
    assert run.outputs["source"]["tries"].tolist() == expected
