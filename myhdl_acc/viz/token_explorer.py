"""What the token notebook does: decode on the simulated accelerator, show the last token cycle by cycle."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.cause_bars import CauseBars
from myhdl_acc.viz.gantt import Gantt


@dataclass
class TokenChoice:
    """What to decode: ``count`` tokens after ``prompt``, attention to the first ``sinks`` and the last ``window``
    tokens, behind every port the ``memory`` of that name (SimulationDevice)."""

    prompt: str = "Alice thought"
    count: int = 4
    sinks: int = 4
    window: int = 28
    memory: str = "hbm2"


class TokenExplorer:
    """Decodes TokenChoices with ``model`` (AccModel) on ``config`` (AcceleratorConfig) and shows the last token of the
    last one: lanes and vector unit in ``gantt``, the cycles in which lanes took no beat in ``causes``.

    ``tokens`` (numbers of the decoded tokens), ``text``, ``table`` (EventTable of the last token, memory ports
    included), ``occupancy`` and ``summary`` are the last run's.
    """

    def __init__(self, model, config):
        self._model, self._config = model, config
        self.gantt, self.causes = Gantt(), CauseBars()
        self.tokens = self.text = self.table = self.occupancy = self.summary = None

    def run(self, choice):
        """Decode a TokenChoice, show it and return its summary {label: value}.

        Every byte of the cache and every logit is compared with the golden model. Raises InputError for a choice that
        cannot be run.
        """
        if choice.count < 1:
            raise InputError(f"token explorer: decode at least one token, not {choice.count}")
        prompt = self._model.tokenizer.prompt(choice.prompt)
        if not prompt:
            raise InputError("token explorer: the prompt is empty; it must have at least one token")
        rule = LambdaRule(choice.sinks, choice.window)
        self.tokens = []
        with SimulationDevice(self._config, choice.memory) as device:
            accelerator = CheckedAccelerator(device, self._config, self._model, rule)
            device.record("all")
            for token in accelerator.generate(prompt, choice.count):
                self.tokens.append(token)
                if len(self.tokens) == choice.count:
                    self.table = device.events
                device.record("all")
        self.text = self._model.tokenizer.decode([*prompt, *self.tokens])
        self.occupancy = occupancy(self.table)
        cycles = self.table.span[1]
        lost, busy = lost_cycles(self.table, self._config.lanes, cycles)
        self.gantt.show(self.table.filter(unit=["lane", "vector"]))
        self.causes.show(lost)
        self.summary = {
            "text": self.text,
            "cycles of the last token": cycles,
            "cycles with a beat": f"{busy / cycles:.1%}",
            "compared with golden": f"{accelerator.checked:,} cache bytes and logits, all equal",
        }
        return self.summary
