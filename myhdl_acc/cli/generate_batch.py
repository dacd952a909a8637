"""``myhdl-acc generate --batch``: several texts at a time."""

from contextlib import nullcontext

import click

from myhdl_acc.cli.options import report_json

#: What decodes a batch: the whole accelerator, or its golden machine.
BACKENDS = ("golden", "verilator")


def generate_batch(model, file, count, config, backend, check, rule_of, sampling, chat, system, as_json):
    """Continue every line of ``file``, as many at a time as ``config`` has rows; ``rule_of(spec, tokens)``: the
    LambdaRule for texts of up to so many tokens. Other arguments are those of the command.

    A line that is no prompt is told, and the others' texts are not lost: then the exit code is 2. With ``check`` each
    text must be the one that the golden decoder writes by itself; else the exit code is 1.
    """
    from golden.errors import InputError
    from golden.llm.models import embedded
    from myhdl_acc.cli.prompt import naming, prompt_tokens
    from myhdl_acc.cli.text_file import read_text

    if config.rows < 2:
        raise click.UsageError("--batch needs a configuration with two rows or more, one for each text")
    lines = read_text(file).removesuffix("\n").removesuffix("\r").replace("\r\n", "\n").split("\n")
    if lines == [""]:
        raise InputError(f"{'standard input' if file == '-' else file}: there is no prompt; each line is one")
    loaded = embedded.load(model)
    texts = []
    for line in lines:
        try:
            with naming(model):
                texts.append(_Text(loaded.tokenizer, prompt_tokens(loaded.tokenizer, line, chat, system), count))
        except InputError as error:
            texts.append(_Text(error=str(error)))
    good = [text for text in texts if not text.error]
    figures = {}
    if good:
        rule = rule_of(loaded.spec, max(len(text.prompt) for text in good) + count)
        figures = _decode(loaded, rule, good, count, config, backend, sampling)
        if check and backend != "golden":
            _compare(loaded, rule, good, count, sampling)
    if as_json:
        exact = True if check or backend == "golden" else None
        report_json({"texts": [text.fields() for text in texts], "backend": backend, "bit_exact": exact} | figures)
    else:
        for number, text in enumerate(texts, 1):
            click.echo(f"{number}: {text.error or text.stream.text}")
        if figures:
            click.echo(f"{figures['tokens_per_pass']:.2f} tokens per pass")
        if figures.get("cycles_per_token") is not None:
            click.echo(f"{figures['cycles_per_token']:,.1f} cycles per token of the whole accelerator in {backend}")
    bad = [number for number, text in enumerate(texts, 1) if text.error]
    if bad:
        raise InputError(f"{file}: line {bad[0]}: {texts[bad[0] - 1].error}")


class _Text:
    """What is written after ``prompt`` (tokens), or the ``error`` that it has."""

    def __init__(self, tokenizer=None, prompt=(), count=0, error=None):
        from golden.llm.text_stream import TextStream

        self.prompt, self.error, self._count = prompt, error, count
        self.tokens, self.stopped = [], None
        if error is None:
            self._end = tokenizer.rules.end
            self.stream = TextStream(tokenizer, prompt)

    def add(self, token):
        self.tokens.append(token)
        if token in self._end:
            self.stopped = "end"
            self.stream.close()
        else:
            self.stream.put(token)
            if len(self.tokens) == self._count:
                self.stopped = "count"
                self.stream.close()

    def fields(self):
        if self.error:
            return {"error": self.error}
        return {"text": self.stream.text, "tokens": self.tokens, "stopped": self.stopped}


def _decode(loaded, rule, texts, count, config, backend, sampling):
    """The texts' tokens; returns figures of the runs."""
    from golden.machine.text import MOST_TOKENS
    from myhdl_acc.driver.batch import BatchAccelerator
    from myhdl_acc.driver.golden_device import GoldenDevice
    from myhdl_acc.driver.simulation_device import SimulationDevice
    from myhdl_acc.program.compiler import Compiler

    batch, end = min(config.rows, MOST_TOKENS), loaded.tokenizer.rules.end
    Compiler(loaded, rule, config, batch=batch)  # what does not fit is said before anything is built
    opened = nullcontext(GoldenDevice(config)) if backend == "golden" else SimulationDevice(config, "hbm2")
    with opened as device:
        accelerator = BatchAccelerator(device, config, batch)
        accelerator.load(loaded, rule)
        for number, token in accelerator.texts([text.prompt for text in texts], count, sampling, end):
            texts[number].add(token)
    figures, tokens = accelerator.figures(), sum(len(text.tokens) for text in texts)
    cycles = figures["cycles"]
    figures["cycles_per_token"] = None if cycles is None else round(cycles / tokens, 1)
    return figures | {"tokens_per_pass": tokens / max(1, accelerator.choosing_passes)}


def _compare(loaded, rule, texts, count, sampling):
    """Each text with the golden decoder's own."""
    from golden.decoder import ROWS, Decoder
    from myhdl_acc.driver.checked import MismatchError

    for text in texts:
        decoder = Decoder(loaded, sinks=rule.sinks, window=rule.window, rows=ROWS)
        wanted = list(decoder.generate(text.prompt, count, sampling=sampling, ends=loaded.tokenizer.rules.end))
        if text.tokens != wanted:
            raise MismatchError(f"RTL chose the tokens {text.tokens}, golden says {wanted}")
