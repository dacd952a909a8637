"""Vivado's reports as JSON. The texts are written after the formats of UG906 and UG907; no Vivado made them."""

import json

import pytest

from golden.errors import InputError
from myhdl_acc.cli.main import main
from myhdl_acc.report.vivado import collect

RESOURCES = """\
1. CLB Logic
------------

+----------------------------+--------+-------+------------+-----------+-------+
|          Site Type         |  Used  | Fixed | Prohibited | Available | Util% |
+----------------------------+--------+-------+------------+-----------+-------+
| CLB LUTs*                  | 412345 |     0 |          0 |   1303680 | 31.63 |
|   LUT as Logic             | 402345 |     0 |          0 |   1303680 | 30.86 |
| CLB Registers              | 601234 |     0 |          0 |   2607360 | 23.06 |
+----------------------------+--------+-------+------------+-----------+-------+

3. BLOCKRAM
| Block RAM Tile    | 434.5 |     0 |          0 |      2016 | 21.55 |
| URAM              |   140 |     0 |          0 |       960 | 14.58 |

4. ARITHMETIC
| DSPs           | 3115 |     0 |          0 |      9024 | 34.52 |
"""
TIMING = """\
------------------------------------------------------------------------------------------------
| Design Timing Summary
| ---------------------
------------------------------------------------------------------------------------------------

    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints  \
THS Total Endpoints     WPWS(ns)     TPWS(ns)  TPWS Failing Endpoints  TPWS Total Endpoints
    -------      -------  ---------------------  -------------------      -------      -------  ---------------------  \
-------------------     --------     --------  ----------------------  --------------------
     -0.556     -120.500                    412              1612345        0.010        0.000                      0  \
            1612345        1.680        0.000                       0                611234


------------------------------------------------------------------------------------------------
| Clock Summary
| -------------
------------------------------------------------------------------------------------------------

Clock   Waveform(ns)       Period(ns)      Frequency(MHz)
-----   ------------       ----------      --------------
ap_clk  {0.000 2.222}      4.444           225.023
"""
POWER = """\
1. Summary
----------

+--------------------------+--------------+
| Total On-Chip Power (W)  | 31.529       |
| Design Power Budget (W)  | Unspecified* |
| Power Budget Margin (W)  | NA           |
| Dynamic (W)              | 27.823       |
| Device Static (W)        | 3.706        |
| Effective TJA (C/W)      | 0.5          |
| Max Ambient (C)          | 83.7         |
| Junction Temperature (C) | 41.3         |
+--------------------------+--------------+
"""


@pytest.fixture
def reports(tmp_path):
    for name, text in (("resources", RESOURCES), ("timing", TIMING), ("power", POWER)):
        (tmp_path / f"{name}.rpt").write_text(text)
    return tmp_path


def test_collect(reports):
    found = collect(reports)
    assert found["resources"]["lut"] == {"used": 412345, "available": 1303680}
    assert found["resources"]["bram36"] == {"used": 434.5, "available": 2016}
    assert [found["resources"][name]["used"] for name in ("ff", "dsp", "uram")] == [601234, 3115, 140]
    timing = found["timing"]
    assert (timing["wns"], timing["tns_failing"], timing["whs"], timing["met"]) == (-0.556, 412, 0.01, False)
    assert (timing["clock"], timing["mhz"], timing["reachable_mhz"]) == ("ap_clk", 225.023, 200.0)
    assert found["power"] == {"total_w": 31.529, "dynamic_w": 27.823, "static_w": 3.706, "junction_c": 41.3}


def test_command(reports, capsys):
    assert main(["reports", str(reports), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == collect(reports)
    assert main(["reports", str(reports)]) == 0
    text = capsys.readouterr().out
    assert "412345 of   1303680  31.6%" in text and "225.023 MHz missed at 412 endpoints" in text and "31.529 W" in text


@pytest.mark.parametrize(
    "name, old, new, message",
    [
        ("resources", "| URAM ", "| RAM ", "resources.rpt: no uram"),
        ("resources", "412345", "many", "'many' is no number"),
        ("timing", "WNS(ns)", "Slack", "timing.rpt: no timing summary"),
        ("timing", "{0.000 2.222}", "", "or no clock"),
        ("power", "Dynamic (W)", "Dynamic", "power.rpt: no dynamic_w"),
    ],
)
def test_refused(reports, name, old, new, message):
    path = reports / f"{name}.rpt"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=message.replace("(", "\\(")):
        collect(reports)


def test_a_missing_report(tmp_path, capsys):
    assert main(["reports", str(tmp_path)]) == 2
    assert "resources.rpt: No such file" in capsys.readouterr().err
