"""Multiply-accumulates of the engine, and what other open cores take for theirs."""

from dataclasses import dataclass


def macs(config):
    """(multiplied, dense-equivalent) multiply-accumulates of the engine in a cycle of ``w2``.

    In 2:4 sparsity a multiplied one stands for two of the dense matrix. The dense formats form as many products.
    """
    multiplied = config.lanes * config.atoms * 16 * config.rows
    return multiplied, 2 * multiplied


@dataclass(frozen=True)
class Peer:
    """Another open core: LUT and DSP per multiplied MAC and cycle, as texts since some are ranges."""

    name: str
    numbers: str
    lut: str
    dsp: str
    source: str


#: Measured by us from the cores' published sources, with the same tool and counting: Yosys 0.70, synth_xilinx -family
#: xcup, LUT = LUT1 to LUT6. All are dense.
PEERS = (
    Peer("bitnet-kv260, ternary_matvec", "ternary × int8", "24–30", "0", "github.com/MerlijnW70/bitnet-kv260"),
    Peer("ITA, dot product", "int8 × int8", "29", "1.0–1.3", "github.com/pulp-platform/ITA"),
    Peer("ITA, attention core", "int8, softmax", "103", "1.0–1.3", "github.com/pulp-platform/ITA"),
    Peer("ternfpga, dot product", "ternary × int8", "18–26", "0", "github.com/Neumann-Labs/ternfpga"),
    Peer("ternfpga, GEMV", "ternary × int8", "40", "0", "github.com/Neumann-Labs/ternfpga"),
    Peer("FINN mvu", "int2 × int8", "27", "0.50", "github.com/Xilinx/finn"),
    Peer("FINN mvu", "int4 × int4", "26", "0.25", "github.com/Xilinx/finn"),
)
