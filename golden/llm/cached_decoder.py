"""Texts that go on with what a decoder's cache holds."""

from contextlib import closing

from golden.units.sampling import GREEDY


class CachedDecoder:
    """``decoder`` (``generate`` and ``reset``), fed only what its cache does not hold yet.

    A text that begins with exactly the tokens in the cache, and has more, goes on from there. Any other one starts
    afresh: what the window evicted cannot be taken back.
    """

    def __init__(self, decoder):
        self._decoder = decoder
        self._held = None  # tokens in the cache; None where nobody knows
        self.kept = 0  #: tokens of the latest prompt that the cache held

    def generate(self, prompt, count, choose=None, sampling=GREEDY, ends=(), ahead=True):
        """As the decoder's ``generate``, of a text that begins with all of ``prompt``."""
        held, self._held = self._held, None
        self.kept = len(held) if held is not None and len(prompt) > len(held) and prompt[: len(held)] == held else 0
        if not self.kept:
            self._decoder.reset()
        text, last = list(prompt), len(prompt) + count - 1
        tokens = self._decoder.generate(text[self.kept :], count, choose, sampling, ends, ahead)
        with closing(tokens):
            for token in tokens:
                # A decoder that goes ahead has fed more than it gave, but nothing behind the last token.
                done = len(text) == last or token in ends
                self._held = text.copy() if done or not ahead else None
                yield token
                if not done:
                    self._held = None  # until feeding it has ended well
                text.append(token)
