"""A search of a Space: Optuna's tree of Parzen estimators asks for points, batch by batch."""

import itertools
import random
import warnings

import optuna
from optuna.distributions import IntDistribution
from optuna.trial import TrialState

_BATCH = 4  # whatever the number of workers: the same seed asks for the same points
_REPEATS = 16  # of points that are known, before one is drawn that is not
_MISSED = "missed"


def search(space, count, seed, measure, starts=()):
    """``{key: Point}`` of the ``count`` points that were looked at, in their order; all where there are no more.

    ``measure(points)`` returns a row for each. The presets come first, then ``starts`` ({choice: value} each). The same
    rows make the same search: what was measured before need not be measured again.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        return _Search(space, min(count, space.size), seed).run(measure, starts)


class _Search:
    def __init__(self, space, count, seed):
        self._space, self._count = space, count
        #: Optuna's name of each choice: it knows a value by its place.
        self._choices = {f"{kind} {name}": (kind, name) for kind, name in space.choices}
        self._distributions = {
            name: IntDistribution(0, len(space.choices[choice]) - 1) for name, choice in self._choices.items()
        }
        self._random = random.Random(seed)
        sampler = optuna.samplers.TPESampler(
            seed=seed,
            multivariate=True,
            constant_liar=True,
            constraints_func=lambda trial: (trial.user_attrs[_MISSED],),
        )
        self._study = optuna.create_study(sampler=sampler, direction="maximize")
        self._points = {}

    def run(self, measure, starts):
        for chosen in self._first(starts):
            self._study.enqueue_trial(self._places(chosen))
        while len(self._points) < self._count:
            trials = [self._ask() for _ in range(min(_BATCH, self._count - len(self._points)))]
            for (trial, _), row in zip(trials, measure([point for _, point in trials]), strict=True):
                missed = self._space.goal.missed(row)
                trial.set_user_attr(_MISSED, missed)
                self._study.tell(trial, self._space.goal.score(row) if not missed else -missed)
        return self._points

    def _first(self, starts):
        """What is asked for before all else: everything, if there is time for it."""
        if self._space.size > self._count:
            return [*self._space.presets(), *starts]
        choices = self._space.choices
        every = [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]
        presets = self._space.presets()
        return presets + [chosen for chosen in every if chosen not in presets]

    def _ask(self):
        """``(trial, point)`` of a point that is new."""
        for repeat in itertools.count():
            if repeat == _REPEATS:
                self._study.enqueue_trial(self._unknown())
            trial = self._study.ask(self._distributions)
            point = self._point(trial.params)
            if point.key not in self._points:
                self._points[point.key] = point
                return trial, point
            trial.set_user_attr(_MISSED, 0.0)
            self._study.tell(trial, state=TrialState.FAIL)

    def _unknown(self):
        while True:
            places = {name: self._random.randint(0, places.high) for name, places in self._distributions.items()}
            if self._point(places).key not in self._points:
                return places

    def _places(self, chosen):
        """The place of each value of ``chosen`` among those of its choice."""
        return {name: self._space.choices[choice].index(chosen[choice]) for name, choice in self._choices.items()}

    def _point(self, places):
        choices = self._space.choices
        return self._space.point({choice: choices[choice][places[name]] for name, choice in self._choices.items()})
