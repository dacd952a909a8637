"""The driver of a batch: several texts at a time, each in a row of its own."""

from collections import deque

from golden.errors import InputError
from golden.machine.request import CHOSEN
from golden.units.sampling import GREEDY
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.program.compiler import Compiler

_IDLE = 0  # the token of a row without a text


class _Row:
    """A text in a row: tokens that it has yet to be ``fed``, the ``position`` of the first one, how many it may still
    choose."""

    def __init__(self, number, prompt, count):
        self.number, self.fed, self.left = number, list(prompt), count
        self.position = 0

    def move(self, passes, chosen):
        """So many passes have gone by, in which the text has ``chosen`` these tokens."""
        self.fed = self.fed[passes:] or chosen[-1:]
        self.position += passes
        self.left -= len(chosen)


class BatchAccelerator(Accelerator):
    """Decodes ``batch`` texts at a time on ``device`` (Device), which has the configuration ``config``.

    A pass takes a token of each: of its prompt, or the one that it chose. It reads the weights once for all, and each
    text's own cache. What a text becomes does not depend on the others.
    """

    def __init__(self, device, config, batch, timeout=None):
        super().__init__(device, config, **({} if timeout is None else {"timeout": timeout}))
        self.batch = batch
        self.chosen_by_row = [0] * batch

    def _compile(self, model, rule):
        return Compiler(model, rule, self._config, batch=self.batch)

    def texts(self, prompts, count, sampling=GREEDY, ends=()):
        """Yields ``(number, token)`` for every text of ``prompts`` (lists of tokens) as its tokens are chosen: up to
        ``count``, the last one of ``ends`` if one comes. When a text has ended the next one takes its row.

        Raises InputError for a prompt that has no tokens or none that the model knows.
        """
        if self._compiler is None:
            raise InputError("accelerator: no model is loaded")
        self.finish()
        for number, prompt in enumerate(prompts):
            if not prompt:
                raise InputError(f"batch: prompt {number + 1} has no tokens")
            self._compiler.request([*prompt, *[_IDLE] * (-len(prompt) % self.batch)], 0, 0, (0,) * (self.batch - 1))
        self.sample(sampling)
        waiting = deque(_Row(number, prompt, count) for number, prompt in enumerate(prompts if count > 0 else ()))
        rows = [None] * self.batch
        while waiting or any(rows):
            rows = [row or (waiting.popleft() if waiting else None) for row in rows]
            yield from self._passes(rows, ends)
            rows = [row if row and row.left else None for row in rows]

    def _passes(self, rows, ends):
        """One start: until the first text has all its tokens, or ends. First those tokens of prompts that no text
        needs logits of."""
        texts, most = [row for row in rows if row], (self._config.run_tokens - 1) // self.batch
        unseen = min(min(len(row.fed) for row in texts) - 1, most)
        passes = unseen or min(most, *(len(row.fed) - 1 + row.left for row in texts))
        given = min(passes, max(len(row.fed) for row in texts))
        prompt = [self._token(row, number) for number in range(given) for row in rows]
        first, *others = (row.position if row else 0 for row in rows)
        self.position = first
        self.start(prompt, 0 if unseen else passes * self.batch, ends, others)
        chosen = {row.number: [] for row in texts}
        count = 0
        for count, token in enumerate(self.tokens(), 1):
            number, place = divmod(count - 1, self.batch)
            row = rows[place]
            if row and number >= len(row.fed) - 1:
                chosen[row.number].append(token)
                yield row.number, token
        for row in texts:
            row.move(unseen or count // self.batch, chosen[row.number])
            if chosen[row.number][-1:] and chosen[row.number][-1] in ends:
                row.left = 0

    def _token(self, row, number):
        if row is None:
            return _IDLE
        return row.fed[number] if number < len(row.fed) else CHOSEN

    def _move(self, position):
        self.passes += position - self.position
        self.position = position
