"""Measures, here and now, what the README quotes: ``run.py [BENCHMARK …]``, all of them without arguments."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

BENCHMARKS = (
    "engine_utilisation",
    "simulation_speed",
    "conversion",
    "golden_speed",
    "packing_speed",
    "speculation",
    "accelerator",
)


def main(names):
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        importlib.import_module(f"benchmarks.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
