"""Expressions that MyHDL converts into other values: refused with file and line, or right in every simulator."""

import pytest
import random_expressions as generator
from random_expressions import agree, load, problems

W8, W9, W16, W20 = (8, False), (9, False), (16, False), (20, False)
S9, S16, S20 = (9, True), (16, True), (20, True)

REFUSED = {
    "carry": ("Y.next = (a + b) >> 1", W8, "needs 9 bits, but VHDL computes only 8"),
    "signed_carry": ("Y.next = (s + s) >> 1", S9, "needs 9 bits, but Verilog computes only 8"),
    "product": ("Y.next = (a * b) >> 8", W8, "needs 16 bits, but Verilog computes only 8"),
    "three_sums": ("Y.next = (a + b + u) >> 2", W8, "needs 10 bits"),
    "compared_sum": ("Y.next = (a + b) < 300", (1, False), "needs 9 bits"),
    "compared_one": ("Y.next = a + 1 == 256", (1, False), "needs 9 bits, but VHDL computes only 8"),
    "condition": ("if a + b > u:\n    Y.next = 1\nelse:\n    Y.next = 0", W8, "needs 9 bits"),
    "least_negated": ("Y.next = -s", S16, "write 0 - x for -x"),
    "lost_sign": ("Y.next = (s + t) + u", S16, "Verilog"),
    "lost_sign_below": ("Y.next = (s + t) < u", (1, False), "needs 9 bits"),
    "inverted": ("Y.next = ~a", W16, "Verilog"),
    "shifted_operand": ("Y.next = a + (u << 4)", W8, None),
    "lost_shift": ("Y.next = b + (k << 5)", W8, "computes only"),
    "negative_shift": ("Y.next = a >> (k - 1)", W8, "shift amount may be negative"),
    "whole_number_for_bit": ("Y.next = a[0] == b", (1, False), "lowest bit"),
    "bool_of_number": ("Y.next = bool(a)", (1, False), "lowest bit"),
    "absolute": ("Y.next = abs(s)", W8, "abs() does not convert; write -x if x < 0 else x"),
    "least": ("Y.next = min(a, b)", W8, "min() does not convert; write a if a < b else b"),
    "greatest": ("Y.next = max(a, b)", W8, "max() does not convert"),
    "power": ("Y.next = pow(u, 2)", W16, "pow() does not convert"),
    "helper": ("Y.next = twice(a)", W9, "twice() does not convert; write its expression here"),
    "nested_choice": ("Y.next = a + (b if c else u)", W9, "a conditional expression within an expression"),
    "mixed_choice": ("Y.next = s if c else a", S16, None),
    "quotient": ("Y.next = (a + b) // 2", W8, "needs 9 bits"),
    "remainder": ("Y.next = (a + b) % 16", W8, "needs 9 bits"),
}
"""Statements with Y for the output, its width and sign, and what the error says (None: right or refused)."""

RIGHT = {
    "wide_enough": ("Y.next = (a + b) >> 1", W9),
    "cut": ("Y.next = a + b + u", W8),
    "difference": ("Y.next = a - b", S9),
    "borrow": ("Y.next = (a - b) >> 1", (8, True)),
    "compared_signs": ("Y.next = s < u", (1, False)),
    "compared_difference": ("Y.next = a - b < s", (1, False)),
    "mixed_product": ("Y.next = s * a", S16),
    "mixed_sum": ("Y.next = s + a", S20),
    "twice_negated": ("Y.next = -(-s)", S16),
    "negated": ("Y.next = 0 - s", S16),
    "negated_unsigned": ("Y.next = -a", S9),
    "inverted_same_width": ("Y.next = ~a", W8),
    "arithmetic_shift": ("Y.next = s >> k", (8, True)),
    "shifts_back": ("Y.next = (a << 4) >> 2", W20),
    "quotient": ("Y.next = a // 4", W8),
    "remainder": ("Y.next = a % 8", W8),
    "choice": ("Y.next = a if s < t else b", W8),
    "logic": ("Y.next = a[0] and not (c or d)", (1, False)),
    "bits": ("Y.next = (a & b) | (a ^ u)", W8),
    "variable": ("v = intbv(0)[12:]\nv[:] = a\nv += b\nv[:] = v << 1\nY.next = v", (12, False)),
    "negative_case": ("if s == -3:\n    Y.next = 1\nelif s == 5:\n    Y.next = 2\nelse:\n    Y.next = 3", W8),
    "computed_case": ("if a == b + 0:\n    Y.next = 1\nelif a == 255:\n    Y.next = 2\nelse:\n    Y.next = 3", W8),
    "loop": ("n = 0\nfor i in range(8):\n    if a[i]:\n        n = n + 1\nY.next = n", (4, None)),
}


def unit(cases):
    made = {}
    for index, (name, (text, width, *_)) in enumerate(cases.items()):
        lines = [line.replace("Y.", f"source.y{index}.") for line in text.splitlines()]
        body = "\n".join(f"        {line}" for line in lines)
        made[name] = f"    @always_comb\n    def {name}():\n{body}", (f"y{index}", *width)
    return made


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What the check says about each of REFUSED, and the module's text."""
    path = tmp_path_factory.mktemp("refused") / "traps.py"
    return problems(load(path, "traps_refused", unit(REFUSED)), path.parent), path.read_text().splitlines()


@pytest.mark.parametrize("name", [name for name, case in REFUSED.items() if case[2]])
def test_refused_with_file_and_line(name, refusals):
    found, lines = refusals
    assert REFUSED[name][2] in found[name]
    file, line = found[name].split(": ")[1].split(", ")[1].split(":")
    start = lines.index(f"    def {name}():") + 1
    assert file == "traps.py" and start < int(line) <= start + REFUSED[name][0].count("\n") + 1


@pytest.mark.parametrize("backend", ["ghdl", "icarus", "verilator"])
def test_what_passes_is_right(backend, refusals, tmp_path):
    cases = {**RIGHT, **{name: case for name, case in REFUSED.items() if name not in refusals[0]}}
    assert not set(RIGHT) & set(problems(load(tmp_path / "right.py", "traps_right", unit(RIGHT)), tmp_path))
    assert agree(load(tmp_path / "passes.py", f"traps_{backend}", unit(cases)), backend, 1) == []


@pytest.mark.parametrize("seed", range(3))
def test_random_expressions(seed, tmp_path):
    made = generator.expressions(seed, 150)
    refused = problems(load(tmp_path / "all.py", f"random_all_{seed}", made), tmp_path)
    kept = {name: process for name, process in made.items() if name not in refused}
    assert 30 < len(kept) < 120  # the check neither refuses nor accepts everything
    design = load(tmp_path / "kept.py", f"random_kept_{seed}", kept)
    wrong = {backend: agree(design, backend, seed) for backend in ("ghdl", "icarus", "verilator")}
    fields = {field: text for text, (field, *_) in kept.values()}
    assert not any(wrong.values()), "\n".join(f"{b}: {fields[field]}" for b, found in wrong.items() for field in found)
