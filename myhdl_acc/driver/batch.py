"""The driver of a batch: several texts at a time, each in a row of its own."""

from collections import deque

from golden.errors import InputError
from golden.machine.request import CHOSEN
from golden.units.sampling import GREEDY
from myhdl_acc.driver.accelerator import UNSTOPPABLE, Accelerator, sampling_registers
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.rtl.control.register_map import END_TOKENS

_IDLE = 0  # the token of a row without a text
_UNSEEN = 64  # passes of a start that chooses nothing: who comes or leaves meanwhile waits for its end


class BatchText:
    """A text that is written: up to ``count`` tokens after ``prompt``, as ``sampling`` (Sampling) says.

    ``tokens`` were chosen so far. ``kept`` tokens of the prompt were in a cache already. It has ``ended`` when it has
    all its tokens, or one of those that end texts came; whoever reads it may say so before.
    """

    def __init__(self, prompt, count, sampling=GREEDY):
        self.prompt, self.count, self.sampling = list(prompt), count, sampling
        self.tokens = []
        self.kept = 0
        self.ended = count <= 0

    def take(self, token, ends):
        """``token`` was chosen, which ends the text if it is one of ``ends``."""
        self.tokens.append(token)
        self.ended |= token in ends or len(self.tokens) == self.count


class _Row:
    """A row: the ``text`` that is written in it, or None. ``held``: the tokens in its cache, if they are known;
    ``fed``: those that come next."""

    def __init__(self):
        self.text, self.fed = None, []
        self.held = []

    def begin(self, text):
        held = self.held
        if len(text.prompt) <= len(held) or text.prompt[: len(held)] != held:
            self.held = []
        text.kept = len(self.held)
        self.text, self.fed = text, text.prompt[text.kept :]

    def token(self, number):
        """For pass ``number`` of a start."""
        if self.text is None:
            return _IDLE
        return self.fed[number] if number < len(self.fed) else CHOSEN

    def move(self, passes, chosen):
        """So many passes have gone by; they chose ``chosen``, a token each but where it was not looked at."""
        if self.text is None:
            return
        behind = len(self.fed) - 1  # pass whose choice is fed next
        fed = (self.fed + chosen[behind:])[: passes + 1]
        self.held, self.fed = self.held + fed[:passes], self.fed[passes:] or fed[passes:]
        if self.text.ended:
            self.text = None


def _length(row):
    return len(row.held)


class BatchAccelerator(Accelerator):
    """Decodes ``batch`` texts at a time on ``device`` (Device), which has the configuration ``config``.

    A pass takes a token of each: of its prompt, or the one that it chose. It reads the weights once for all, and each
    text's own cache. What a text becomes does not depend on the others.

    ``begin`` gives a text a row, and ``step`` goes on with all that have one; ``texts`` does both for a list of them.
    """

    def __init__(self, device, config, batch, **options):
        self.batch = batch
        super().__init__(device, config, **options)
        self.chosen_by_row = [0] * batch
        self.chosen_of_head = [0] * batch
        self.choosing_passes = 0  #: so far, which gave a token to a text

    def _compile(self, model, rule):
        return Compiler(model, rule, self._config, batch=self.batch)

    def _forget_runs(self):
        super()._forget_runs()
        self.abandon()

    @property
    def free(self):
        """How many texts can begin."""
        return sum(row.text is None for row in self._texts)

    def begin(self, text):
        """``text`` (BatchText) takes a free row: one whose cache holds the beginning of its prompt, and nothing else,
        or any. Raises InputError for a prompt that is none."""
        if self._compiler is None:
            raise InputError("accelerator: no model is loaded")
        if not text.prompt:
            raise InputError("batch: a prompt has no tokens")
        prompt = [*text.prompt, *[_IDLE] * (-len(text.prompt) % self.batch)]
        self._compiler.request(prompt, 0, 0, (0,) * (self.batch - 1))
        rows = [row for row in self._texts if row.text is None]
        goes_on = [row for row in rows if text.prompt[: len(row.held)] == row.held and len(row.held) < len(text.prompt)]
        row = max(goes_on, key=_length) if goes_on else min(rows, key=_length)
        row.begin(text)

    def step(self, ends=()):
        """One start: until the first text has ended, or the run was told to ``stop``. Yields ``(text, token)`` as they
        are chosen. First come those tokens of prompts that no text needs logits of, some at a time; then nothing is
        chosen. A text must have a row."""
        self.finish()
        self._stopped = False
        rows = self._texts
        busy = [row for row in rows if row.text]
        unseen = min(min(len(row.fed) for row in busy) - 1, self._most_passes, _UNSEEN)
        left = (len(row.fed) - 1 + row.text.count - len(row.text.tokens) for row in busy)
        passes = unseen or min(self._most_passes, *left)
        for row in rows:
            if row.text is None and len(row.held) + passes > self._compiler.place.rule.capacity:
                row.held = []  # what it does meanwhile would overwrite them
        given = min(passes, max(len(row.fed) for row in busy))
        prompt = [row.token(number) for number in range(given) for row in rows]
        self.position, *others = (len(row.held) for row in rows)
        self._sample([row.text.sampling if row.text else GREEDY for row in rows])
        known = ends if len(ends) <= END_TOKENS else ()
        self.start(prompt, 0 if unseen else passes * self.batch, known, others)
        self._run = self._follow_batch(rows, unseen, ends)
        return self._run

    def _follow_batch(self, rows, unseen, ends):
        chosen = [[] for _ in rows]
        try:
            for token in self.tokens():
                if text := self._take(rows, chosen, token, ends):
                    yield text, token
        except GeneratorExit:  # whoever wanted the tokens has gone; rows must know what was done until the end
            self.stop()
            for token in self.tokens(sum(map(len, chosen))):
                self._take(rows, chosen, token, ends)
            raise
        finally:
            behind = [len(row.fed) - 1 for row in rows if row.text]  # passes without a choice for a text
            self.choosing_passes += max(0, len(chosen[-1]) - min(behind, default=0))
            for row, own in zip(rows, chosen, strict=True):
                row.move(unseen or len(chosen[-1]), own)

    def _take(self, rows, chosen, token, ends):
        """A row has chosen ``token``, each in its turn: the text that it is for, if any."""
        place = min(range(self.batch), key=lambda number: len(chosen[number]))
        row = rows[place]
        chosen[place].append(token)
        if row.text is None or row.text.ended or len(chosen[place]) < len(row.fed):
            return None
        row.text.take(token, ends)
        if token in ends:  # which the hardware knows, unless there are too many of them
            self.stop()
        return row.text

    @property
    def _most_passes(self):
        """Of a start."""
        most = (self._config.run_tokens - 1) // self.batch
        return most if self._device.stoppable else min(most, UNSTOPPABLE)

    def texts(self, prompts, count, sampling=GREEDY, ends=()):
        """Yields ``(number, token)`` for every text of ``prompts`` (lists of tokens) as its tokens are chosen: up to
        ``count``, the last one of ``ends`` if one comes. When a text has ended the next one takes its row.
        """
        texts = [BatchText(prompt, count, sampling) for prompt in prompts]
        numbers = {text: number for number, text in enumerate(texts)}
        waiting = deque(text for text in texts if not text.ended)
        self.abandon()
        while waiting or self.free < self.batch:
            while waiting and self.free:
                self.begin(waiting.popleft())
            for text, token in self.step(ends):
                yield numbers[text], token

    def leave(self, text):
        """Between two steps: ``text`` needs its row no more."""
        for row in self._texts:
            if row.text is text:
                row.text = None

    def abandon(self):
        """No text has a row any more, and nobody knows what the caches hold."""
        self._texts = [_Row() for _ in range(self.batch)]

    def _sample(self, samplings):
        """The rows' own."""
        for place, sampling in enumerate(samplings):
            self._set(sampling_registers(sampling, place))

    def _move(self, position):
        self.passes += position - self.position
        self.position = position
