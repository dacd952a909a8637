"""An estimate of energy per token. No part of it was measured: the assumptions are constants, shown with the result."""

#: Joules per bit that HBM2 takes for a read, I/O included (O'Connor et al., Fine-Grained DRAM, MICRO 2017: 3.92 pJ).
HBM_JOULES_PER_BIT = 3.92e-12
#: Joules per int8 × 4-bit product in a DSP48E2 with its part of adders and registers: an assumption.
PRODUCT_JOULES = 1.0e-12
#: Watts of everything that does not depend on the work: shell, clocks, leakage, HBM standby. An assumption: what a U280
#: reports with an idle kernel.
STATIC_WATTS = 25.0


def estimate(report, products_per_cycle):
    """``{"joules_per_token", "watts", "assumptions"}`` of a perf Report; ``products_per_cycle``: multipliers · 2."""
    seconds = report.cycles_per_token / report.clock_hz
    dynamic = report.bytes_per_token * 8 * HBM_JOULES_PER_BIT
    dynamic += report.measured.multiplied / report.measured.tokens * products_per_cycle * PRODUCT_JOULES
    joules = dynamic + STATIC_WATTS * seconds
    return {
        "joules_per_token": round(joules, 3),
        "watts": round(joules / seconds, 1),
        "assumptions": {
            "hbm_joules_per_bit": HBM_JOULES_PER_BIT,
            "product_joules": PRODUCT_JOULES,
            "static_watts": STATIC_WATTS,
        },
    }
