"""A model that writes texts on an accelerator."""

from golden.errors import InputError
from golden.llm.cached_decoder import CachedDecoder
from golden.llm.decoding import Decoding
from golden.llm.text_stream import TextStream
from myhdl_acc.driver.batch import BatchText
from myhdl_acc.serve.refused import Refused


class Writer:
    """``model`` (AccModel), which is loaded into ``accelerator`` (ServedAccelerator), under the ``name`` that requests
    give it.
    """

    def __init__(self, name, model, accelerator):
        self.name, self.tokenizer, self.accelerator = name, model.tokenizer, accelerator
        self._vocab = model.spec.vocab
        self._decoder = CachedDecoder(accelerator)
        self._kind = Text

    def require(self, name):
        """Raise Refused for another model."""
        if name != self.name:
            message = f"there is no model {name!r}; this server has {self.name!r}"
            raise Refused(404, message, param="model", code="model_not_found")

    def text(self, prompt, count, stops, sampling):
        """The Text after the tokens ``prompt``, which ``sampling`` (Sampling) chooses. Raises InputError for what is
        no prompt of this model."""
        if not prompt:
            raise InputError("the prompt is empty; it must have at least one token")
        wrong = [token for token in prompt if not 0 <= token < self._vocab]
        if wrong:
            raise InputError(f"token {wrong[0]} is outside the vocabulary of {self._vocab}")
        stream = TextStream(self.tokenizer, prompt, stops)
        end = self.tokenizer.rules.end
        decoding = Decoding(self._decoder, self.accelerator, prompt, count, stream, end=end, sampling=sampling)
        return self._kind(self._decoder, decoding)


class BatchWriter(Writer):
    """As Writer, on a BatchAccelerator: its texts are written by BatchQueue."""

    def __init__(self, name, model, accelerator):
        super().__init__(name, model, accelerator)
        self._kind = SharedText


class Text:
    """A text that is being written. To iterate over its parts uses the accelerator."""

    _REASONS = {"end": "stop", "stop": "stop", "count": "length"}

    def __init__(self, decoder, decoding):
        self._decoder, self._decoding = decoder, decoding
        self._kept = 0

    def __iter__(self):
        for part in self._decoding:
            self._kept = self._decoder.kept  # which is another one's once this text has ended
            yield part

    @property
    def finish_reason(self):
        """Why there is no more of it."""
        return self._REASONS[self._decoding.stopped]

    @property
    def usage(self):
        """What it took: tokens, of the prompt those that the cache held, and cycles where the device counts them."""
        decoding = self._decoding
        prompt, written = len(decoding.prompt), len(decoding.tokens)
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "prompt_tokens_details": {"cached_tokens": self._kept},
        }
        if decoding.prompt_cycles is not None:
            usage |= {"prompt_cycles": decoding.prompt_cycles, "completion_cycles": sum(decoding.token_cycles)}
        return usage


class SharedText(Text):
    """A text that shares passes with others: ``begin`` it, then ``take`` its tokens."""

    def begin(self):
        """Its BatchText."""
        decoding = self._decoding
        decoding.begin()
        self._own = BatchText(decoding.prompt, decoding.count, decoding.sampling)
        return self._own

    def take(self, token):
        """What ``token`` adds to the text."""
        self._kept = self._own.kept
        return self._decoding.take(token)

    @property
    def stopped(self):
        """Whether there is no more of it."""
        return self._decoding.stopped is not None
