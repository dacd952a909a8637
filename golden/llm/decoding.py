"""A text that a decoder writes: its tokens, where it ends, and what it cost."""

import math
from contextlib import closing

from golden.units.sampling import GREEDY


class Decoding:
    """Decodes up to ``count`` tokens after the token numbers ``prompt`` into ``stream`` (TextStream), and counts cycles
    on the way; ``choose`` and ``sampling`` are what a decoder's ``generate`` takes, ``end`` are the tokens that end a
    text.

    After iteration: ``tokens`` are all that were decoded, an end token and those of a stop text included; ``stopped``
    says why there are no more: ``end``, ``stop`` or ``count``. ``prompt_cycles`` is what the prompt took, until its
    logits and so the first token were known, and ``token_cycles`` what each further token took (empty without a clock).
    The last token was not fed to the decoder.
    """

    def __init__(self, decoder, clock, prompt, count, stream, choose=None, end=(), sampling=GREEDY):
        self.decoder, self.clock, self.prompt, self.count, self.stream = decoder, clock, prompt, count, stream
        self.choose, self.end, self.sampling = choose, end, sampling
        self.tokens = []
        self.stopped = None
        self.prompt_cycles = None
        self.token_cycles = []

    def __iter__(self):
        """Decode; yields what each token adds to the text. With the last one ``stopped`` is known."""
        self.begin()
        # Only who reads the tokens knows that a stop text has come.
        ahead = not self.stream.stops
        tokens = self.decoder.generate(self.prompt, self.count, self.choose, self.sampling, self.end, ahead)
        with closing(tokens):
            for token in tokens:
                yield self.take(token)
                if self.stopped:
                    return

    def begin(self):
        """From now on cycles count."""
        self._before = self.clock.cycles

    def take(self, token):
        """The next token has come: what it adds to the text."""
        if self._before is not None:
            cycles, self._before = self.clock.cycles - self._before, self.clock.cycles
            if self.tokens:
                self.token_cycles.append(cycles)
            else:
                self.prompt_cycles = cycles
        self.tokens.append(token)
        return self._added(token)

    def _added(self, token):
        """What ``token`` adds to the text; sets ``stopped`` if it is the last."""
        if token in self.end:
            self.stopped = "end"
            return self.stream.close()
        text = self.stream.put(token)
        if self.stream.stopped or len(self.tokens) == self.count:
            text += self.stream.close()
            self.stopped = "stop" if self.stream.stopped else "count"
        return text

    @property
    def cycles_per_token(self):
        """Mean cycles of a decoded token; of a prompt token if only one token was decoded; None without a clock."""
        if self.prompt_cycles is None:
            return None
        if self.token_cycles:
            return round(math.fsum(self.token_cycles) / len(self.token_cycles), 1)
        return round(self.prompt_cycles / len(self.prompt), 1)
