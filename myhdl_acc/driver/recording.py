"""A pass on the simulated accelerator as a recorded run: its events with all that is known of what it executed."""

import dataclasses

from golden.errors import InputError
from myhdl_acc.program.annotate import annotate
from myhdl_acc.trace.run import Run


def recorded_run(device, accelerator, **about):
    """The Run of what ``device`` (SimulationDevice) has recorded, all of it since the choice of the token before the
    latest one of ``accelerator`` (Accelerator or CheckedAccelerator); ``about``: see docs/events.md.
    """
    steps, needs = annotate(accelerator.executed(), accelerator.regions, device.config)
    about |= {"config": dataclasses.asdict(device.config), "ceiling": device.ceiling}
    try:
        return Run(device.events, about, steps, needs)
    except ValueError:
        raise InputError(
            f"trace: more than one start took the prompt; at most {device.config.run_tokens} tokens can be recorded"
        ) from None


class LastToken:
    """Records the last token that a Decoding (golden.llm) of ``accelerator`` (CheckedAccelerator) on ``device`` gives:
    iterate over ``parts``, and ``run`` is its Run.
    """

    def __init__(self, device, accelerator, **about):
        self._device, self._accelerator, self._about = device, accelerator, about
        self.run = None

    def parts(self, decoding):
        """Yields what ``decoding`` yields."""
        self._device.record("all")
        for part in decoding:
            if decoding.stopped is not None:
                context = len(decoding.prompt) + len(decoding.tokens)
                title = f"{self._about['model']}, token {len(decoding.tokens)} at {context:,} tokens"
                about = {"title": title, "phase": "decode", "context": context}
                self.run = recorded_run(self._device, self._accelerator, **self._about, **about)
            self._device.record("all")
            yield part
