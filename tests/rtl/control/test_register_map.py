"""The register table: no two registers overlap, and the documentation says what the table says."""

from pathlib import Path

import pytest

from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig
from myhdl_acc.rtl.control import register_map

DOCS = Path(__file__).parents[3] / "docs"
LARGEST = AcceleratorConfig(lanes=32, rows=16, beat_bits=512, acc_depth=512, max_k=16384)


@pytest.mark.parametrize("config", [*PRESETS.values(), LARGEST])
def test_registers_are_aligned_and_do_not_overlap(config):
    end = 0
    for register in register_map.registers(config):
        assert register.offset % 4 == 0 and register.offset >= end, register.name
        assert 0 < register.bits <= 64
        end = register.offset + (8 if register.bits > 32 else 4)
    assert end <= 1 << register_map.ADDRESS_BITS


def test_a_pointer_for_each_memory_port():
    table = register_map.registers(LARGEST)
    pointers = [register for register in table if register.port]
    assert [register.port for register in pointers] == [f"m_axi_{lane:02d}" for lane in range(32)]
    assert all(register.bits == 64 and register.kind == "argument" for register in pointers)
    assert len({register.name for register in table}) == len(table)


def test_ap_ctrl_hs_is_where_vitis_puts_it():
    assert [register_map.OFFSETS[name] for name in ("ctrl", "gier", "ip_ier", "ip_isr")] == [0, 4, 8, 12]
    arguments = [r.offset for r in register_map.registers(LARGEST) if r.kind == "argument"]
    assert min(arguments) == 0x10


def test_the_documentation_has_the_table():
    assert register_map.markdown_table() in (DOCS / "registers.md").read_text()
