"""``bitstream``: what is refused before anything is made. tests/bitstream has the steps."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--clock", 51), "the PLL makes no 51 MHz of 25 MHz; 5 MHz steps are possible"),
        (("--clock", 500), "500 is not in the range"),
        (("--board", "arty"), "'arty' is not 'ulx3s'"),
        (("-o", "/dev/null/here"), "cannot write /dev/null/here"),
        (("--config", "huge"), "'huge' is neither a preset"),
        (("--to", "flash"), "'flash' is not one of 'verilog', 'synthesis', 'route', 'pack'"),
    ],
)
def test_what_is_refused(refused, arguments, message):
    assert message in refused("bitstream", *arguments)
