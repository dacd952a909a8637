"""Kept measurements: docs/data/NAME.json."""

import json
from pathlib import Path

DATA = Path(__file__).parents[2] / "docs" / "data"


def read(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def write(name, values):
    (DATA / f"{name}.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", "utf-8")
