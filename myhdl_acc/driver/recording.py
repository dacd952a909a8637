"""A pass on the simulated accelerator as a recorded run: its events with all that is known of what it executed."""

import dataclasses

from golden.errors import InputError
from myhdl_acc.program.annotate import annotate
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.run import Run


def recorded_run(device, accelerator, table=None, **about):
    """The Run of what ``device`` (SimulationDevice) has recorded, or of ``table``, all of it since the choice of the
    token before the latest one of ``accelerator`` (Accelerator or CheckedAccelerator); ``about``: see docs/events.md.
    """
    steps, needs = annotate(accelerator.executed(), accelerator.regions, device.config)
    about |= {"config": dataclasses.asdict(device.config), "ceiling": device.ceiling}
    try:
        return Run(device.events if table is None else table, about, steps, needs)
    except ValueError as error:
        most = device.config.run_tokens
        raise InputError(
            f"trace: {error}; was it more than one start that took the prompt? At most {most} tokens can be recorded"
        ) from None


class TokenRecorder:
    """Records what ``device`` does for every token that ``accelerator`` chooses, from now on.

    The host sees a token when it is in memory, and the next pass has begun by then. A token's events end with its
    logits, where every unit rests; what follows belongs to the next one. So ``take`` must be called for every token.
    """

    def __init__(self, device, accelerator):
        self._device, self._accelerator = device, accelerator
        self._begun = EventTable()
        device.record("all")

    def take(self, wanted=True, **about):
        """Ends the token that has just come; its Run if it is ``wanted``."""
        table = EventTable()
        table.extend_table(self._begun)
        table.extend_table(self._device.events, shift=self._begun.span[1])
        table = table.merged()
        cut = int(table.filter(unit="vector", state="logits").cycle_end.max())
        self._begun = EventTable()
        self._begun.extend_table(table.window(cut, table.span[1]), shift=-cut)
        run = recorded_run(self._device, self._accelerator, table.window(0, cut), **about) if wanted else None
        self._device.record("all")
        return run


class LastToken:
    """Records the last token that a Decoding (golden.llm) of ``accelerator`` (CheckedAccelerator) on ``device`` gives:
    iterate over ``parts``, and ``run`` is its Run.
    """

    def __init__(self, device, accelerator, **about):
        self._device, self._accelerator, self._about = device, accelerator, about
        self.run = None

    def parts(self, decoding):
        """Yields what ``decoding`` yields."""
        recorder = TokenRecorder(self._device, self._accelerator)
        for part in decoding:
            context = len(decoding.prompt) + len(decoding.tokens)
            title = f"{self._about['model']}, token {len(decoding.tokens)} at {context:,} tokens"
            about = {"title": title, "phase": "decode", "context": context}
            self.run = recorder.take(decoding.stopped is not None, **self._about, **about)
            yield part
