"""Tokens of real shapes on the u280 accelerator, with HBM2's timing, beside what others have published."""

from benchmarks.table import print_table
from myhdl_acc.report.perf.peers import PEERS
from myhdl_acc.report.perf.report import measure
from myhdl_acc.rtl.config import AcceleratorConfig

#: Model, format of its weights, phase, whether from fewer layers.
CASES = (
    ("llama-2-7b", "w2", "decode", False),
    ("llama-2-7b", "w2", "prefill", True),
    ("llama-3.2-1b", "w2", "decode", False),
    ("smollm2", "w4", "decode", False),
)
FORMATS = {"w2": "W2A8KV4 2:4", "w4": "W4A8KV4"}
CONTEXT = {"decode": 4096, "prefill": 512}


def run():
    config = AcceleratorConfig.preset("u280")
    rows = []
    for name, weights, phase, composed in CASES:
        report = measure(name, config, CONTEXT[phase], 1024, phase, weights, composed=composed)
        rows.append(
            (
                "this one", f"{name} {FORMATS[weights]}, {phase} at {CONTEXT[phase]}", f"{report.tokens_per_s:.1f}",
                f"{report.share_of_peak:.1%}", f"{report.share_of_achievable:.1%}",
                f"{report.multiplier_utilisation:.1%}", f"{report.end_to_end:.1f}",
                f"{report.method} RTL, 225 MHz assumed",
            )
        )  # fmt: skip
    for peer in PEERS:
        rows.append((peer.name, f"{peer.model}, {peer.device}", peer.tokens_per_s, peer.share, "", "", "", peer.source))
    header = ("system", "model", "token/s", "of peak", "of achievable", "multipliers", "end to end", "how")
    print_table("u280 accelerator", header, rows)
