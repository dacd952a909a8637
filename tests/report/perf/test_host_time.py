"""The host's own time: the driver does all that it does for a card, and the device takes none."""

from golden.lambda_attention import LambdaRule
from myhdl_acc.driver import Accelerator
from myhdl_acc.report.perf.host_time import InstantDevice, host_time
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.rtl.config import AcceleratorConfig

DEMO = AcceleratorConfig.preset("demo")
RULE = LambdaRule(4, 28)


def test_a_device_that_answers_at_once():
    accelerator = Accelerator(InstantDevice(), DEMO)
    accelerator.prepare(shape("glassllm"), RULE)
    assert list(accelerator.run([5, 6, 7], 4)) == [0] * 4
    assert list(accelerator.run([0], 2)) == [0] * 2
    assert accelerator.starts == 2 and accelerator.host_seconds > 0


def test_a_token_takes_some_time():
    seconds, compiler = host_time(shape("glassllm"), DEMO, RULE, tokens=50)
    assert 0 < seconds < 1 and len(compiler.program) > 100
