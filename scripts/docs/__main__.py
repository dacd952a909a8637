"""``python -m scripts.docs``: fill the generated parts of all pages and draw the figures; ``--measure`` first renews
docs/data, or only the parts that are named: ``--measure cycles resources``.
"""

import argparse
import sys

from myhdl_acc.cli.exits import run
from scripts.docs import figures, measure, pages


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="make docs", description="Writes the generated parts of README.md and docs/.")
    parser.add_argument("--measure", nargs="*", metavar="PART", choices=measure.PARTS, help="renew docs/data")
    options = parser.parse_args(arguments)
    if options.measure is not None:
        for part in options.measure or measure.PARTS:
            measure.PARTS[part]()
    for path, text in [*pages.all_pages(), *figures.all_figures()]:
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(pages.ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    run(main)
