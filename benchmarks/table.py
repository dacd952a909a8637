"""Prints tables of figures, in a form that Markdown reads too."""


def print_table(title, header, rows):
    """Print ``rows`` (sequences as long as ``header``) under a title; numbers are aligned to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numeric = [all(isinstance(row[column], int | float) for row in rows) for column in range(len(header))]
    print(f"\n## {title}\n")
    for number, row in enumerate(cells):
        aligned = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        print("| " + " | ".join(aligned) + " |", flush=True)
        if number == 0:
            rules = ("-" * (width + 1) + (":" if right else "-") for width, right in zip(widths, numeric, strict=True))
            print("|" + "|".join(rules) + "|")
