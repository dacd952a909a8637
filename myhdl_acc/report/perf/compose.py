"""A pass of all layers from runs with few of them: a layer is half of what two more of its kind take."""

from itertools import count

from myhdl_acc.report.perf.lost_cycles import MEMORY
from myhdl_acc.report.perf.measure import Pass

#: Share of a pass that its wait for memory may fall by the layers that were not run. It can only fall while prefetch
#: queues fill, which it does in the first layers: were they still filling, the pass would be too short by this much.
UNSURE = 0.005


def composed_pass(whole, run):
    """``(Pass, method)`` of all layers of the Shape ``whole``. ``run(part)`` is a Pass of fewer of its layers.

    ``method`` is ``composed``; or ``simulated`` where runs would have as many layers, and all of them are run.
    """
    found = {}
    for shortest in count(2, 2):
        runs = composition(whole, shortest)
        if sum(map(len, found.keys() | dict(runs).keys())) >= whole.spec.layers:
            return run(whole), "simulated"
        for layers, _ in runs:
            if layers not in found:
                found[layers] = run(whole.of_layers(layers))
        total = compose([(found[layers], weight) for layers, weight in runs])
        first = found[runs[0][0]]
        if first.lost.get(MEMORY, 0) - total.lost.get(MEMORY, 0) <= UNSURE * total.cycles:
            return total, "composed"


def composition(whole, shortest):
    """``[(layers, weight)]``: runs of the Shape ``whole`` whose weighted sum stands for all of its layers.

    One has the first ``shortest`` layers. In the others two more of a kind follow the first one. Of each kind the first
    layer stands for all.
    """
    kinds = {}
    alike = tuple(kinds.setdefault(whole.layer_kind(layer), layer) for layer in range(whole.spec.layers))
    base, others = alike[:shortest], alike[shortest:]
    runs = [((*base[:1], kind, kind, *base[1:]), others.count(kind) / 2) for kind in dict.fromkeys(others)]
    return [(base, 1 - sum(weight for _, weight in runs)), *runs]


def compose(runs):
    """The weighted sum of ``runs``, (Pass, weight) each."""

    def total(value):
        return sum(weight * value(run) for run, weight in runs)

    causes = {cause for run, _ in runs for cause in run.lost}
    lost = {cause: total(lambda run, cause=cause: run.lost.get(cause, 0)) for cause in causes}
    return Pass(
        runs[0][0].tokens,
        round(total(lambda run: run.cycles)),
        round(total(lambda run: run.beats)),
        dict(sorted(lost.items(), key=lambda item: (-item[1], item[0]))),
        total(lambda run: run.multiplied),
    )
