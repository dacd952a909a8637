"""A conversation with a model whose cache keeps what was said."""

from golden.llm.cached_decoder import CachedDecoder
from golden.llm.decoding import Decoding
from golden.llm.models.chat_template import chat_prompt
from golden.llm.text_stream import TextStream
from golden.units.sampling import GREEDY
from myhdl_acc.cli.printing import print_text
from myhdl_acc.cli.prompt import beginning


class Conversation:
    """Turns of a user and a model: ``decoder`` and ``clock`` are open_decoder()'s, ``count`` the most tokens of an
    answer, ``choose`` and ``sampling`` what a decoder's ``generate`` takes.

    Every turn, the model's template renders the whole conversation. The decoder is fed what is new in it; where the
    template writes what was said before in another way (some leave out an answer's thoughts), it starts afresh.
    """

    def __init__(self, decoder, clock, tokenizer, count, system=None, choose=None, sampling=GREEDY):
        self._decoder, self._clock, self._tokenizer = CachedDecoder(decoder), clock, tokenizer
        self._count, self._how = count, (choose, tokenizer.rules.end, sampling)
        self._messages = beginning(system)
        self._answered = False

    def answer(self, text):
        """Print what the model says to ``text``. Returns the Decoding, whose ``prompt`` is the whole conversation, and
        whether all of that was read again.

        Raises InputError as chat_prompt() does.
        """
        self._messages.append({"role": "user", "content": text})
        tokens = chat_prompt(self._tokenizer, self._messages)
        stream = TextStream(self._tokenizer, tokens)
        decoding = Decoding(self._decoder, self._clock, tokens, self._count, stream, *self._how)
        print_text(decoding)
        again = self._answered and not self._decoder.kept
        self._answered = True
        self._messages.append({"role": "assistant", "content": stream.text})
        return decoding, again
