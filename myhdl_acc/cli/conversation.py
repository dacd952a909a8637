"""A conversation with a model whose cache keeps what was said."""

from golden.llm.models.chat_template import chat_prompt
from myhdl_acc.cli.backends import Decoding
from myhdl_acc.cli.prompt import beginning
from myhdl_acc.cli.text_stream import TextStream


class Conversation:
    """Turns of a user and a model: ``decoder`` and ``clock`` are open_decoder()'s, ``count`` the most tokens of an
    answer, ``choose`` what a decoder's ``generate`` takes.

    Every turn, the model's template renders the whole conversation. The decoder is fed what is new in it; where the
    template writes what was said before in another way (some leave out an answer's thoughts), it starts afresh.
    """

    def __init__(self, decoder, clock, tokenizer, count, system=None, choose=None):
        self._decoder, self._clock, self._tokenizer = decoder, clock, tokenizer
        self._count, self._choose = count, choose
        self._messages = beginning(system)
        self._fed = []

    def answer(self, text):
        """Print what the model says to ``text``. Returns the Decoding, whose ``prompt`` is what was fed for it, and
        whether that is more than what is new.

        Raises InputError as chat_prompt() does.
        """
        self._messages.append({"role": "user", "content": text})
        tokens = chat_prompt(self._tokenizer, self._messages)
        known = len(self._fed)
        again = tokens[:known] != self._fed or len(tokens) == known
        if again:
            self._decoder.reset()
            known = 0
        stream = TextStream(self._tokenizer, tokens)
        end = self._tokenizer.rules.end
        decoding = Decoding(self._decoder, self._clock, tokens[known:], self._count, stream, self._choose, end)
        decoding.run()
        self._fed = tokens + decoding.tokens[:-1]
        self._messages.append({"role": "assistant", "content": stream.text})
        return decoding, again
