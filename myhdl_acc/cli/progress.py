"""How far a long simulation is."""

import contextlib


@contextlib.contextmanager
def cycles_shown(silent=False):
    """Yields a function of the cycle number that keeps a counter on the terminal up to date, until the end."""
    from tqdm import tqdm

    with tqdm(unit="cycle", unit_scale=True, leave=False, disable=True if silent else None) as bar:

        def show(cycle):
            bar.n = cycle
            bar.refresh()

        yield show
