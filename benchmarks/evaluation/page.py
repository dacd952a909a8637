"""docs/accuracy.md: the tables, and how they were measured."""

import numpy as np

from benchmarks.evaluation.long_context import PART
from benchmarks.evaluation.rates import tokens_per_second
from benchmarks.evaluation.rows import SINKS
from golden.files import replacing

HEAD = """# Accuracy

`make accuracy` wrote this page and its picture. Nothing in it is typed by hand. A row is kept under a name that says
what it depends on. So an interrupted run goes on, and an unchanged row is not measured again.

* **Perplexity** is exp of the mean negative log-likelihood of held-out text. The text is cut into windows of 512
  tokens, or of the model's context. Each window is a fresh start. Its first token is not predicted.
* **Rows in `float`** run in float32. `A8` rounds what enters a product to int8: matrix inputs, queries, softmax
  weights. `KV4` rounds keys and values to int4. `Λ` limits attention to 4 sinks and the window.
* **All other rows run in the integer decoder**, with A8, KV4 and Λ. Their logits are those that the RTL computes.
* **Bits** are those per weight of the layers' matrices, block scales included. Embedding and head are `w8`. `bytes`
  counts everything.
* **Agreement** is a share of all predicted tokens. It counts those whose most likely next token is the compared row's
  as well. That row is `float`. For austen it is `float, Λ`: austen was trained with Λ, so its dense float row is
  another model.
* **Token/s** are an estimate for `demo` at 225 MHz. The row marked * is simulated: a whole token's cycles on the RTL.
  In another row a token reads more or fewer bytes of weights. What these take on all lanes is added or subtracted.
* **Made in** leaves two things out. The losses by which `mixed` rows choose formats are measured once for all budgets
  of a model. Only the row that measured them includes that time. `trained` rows do not include the training.
  [compression.md](compression.md) has both times.
* **Texts of glassllm**: *Alice's Adventures in Wonderland* from chapter VII on. The model's authors trained on
  Carroll. Compression saw at most the first six chapters.
* **Texts of SmolLM2**: the first 3,000 characters of eight Wikipedia articles, without the markup
  (`benchmarks/evaluation/texts.py`). They come from the tests of gensim 4.4.0 (CC BY-SA). Calibration uses the other
  articles.
* **Text of austen**: *Persuasion*, which its training never saw.
* **Trained** rows of SmolLM2 learnt from the articles that others calibrate on, `w4` from two other novels of
  Austen's as well. Half of the loss is the distance to the float model's predictions, half is next-token prediction
  on the text. The second half also teaches the kind of text, which the float model was not taught. So part of the
  gain is domain adaptation, not compression. `scripts/fine_tune.py --control` measures that part;
  [compression.md](compression.md) has it.

![Perplexity against bits per weight and token/s](accuracy.svg)
"""


def write_page(path, results, streams):
    """``results``: {Subject: {row: figures or a reason}}; ``streams``: {Subject: long_context() or a reason}.

    The page appears only when complete.
    """
    with replacing(path) as file:
        file.write("\n".join([HEAD, *_subjects(results), *_streams(streams)]).rstrip() + "\n")


def _subjects(results):
    for subject, found in results.items():
        exact = found[subject.baseline]
        if isinstance(exact, str):
            yield f"## {subject.name}\n\nNot measured: {exact}\n"
            continue
        yield f"## {subject.name}\n"
        attention = f"Λ is {SINKS} sinks and a window of {subject.window}"
        yield f"{exact['tokens']:,} tokens; {attention}. Compared with: {subject.baseline}.\n"
        yield "| | bits | perplexity | over float | agreement | bytes | token/s | made in, s | predicted token/s |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
        rates, reasons = tokens_per_second(subject, found), []
        for name, figures in found.items():
            if isinstance(figures, str):
                reasons.append(f"* {name}: not measured; {figures}")
            else:
                yield _line(subject, name, figures, exact, rates.get(name))
        yield "\n" + "\n".join(reasons) + ("\n" if reasons else "")


def _line(subject, name, figures, exact, rate):
    agreement = f"{100 * np.mean(figures['best'] == exact['best']):.1f} %"
    mark = "*" if subject.cycles is not None and name == subject.cycles[0] else ""
    speed = "" if rate is None else f"{rate:,.0f}{mark}"
    ratio = figures["perplexity"] / exact["perplexity"]
    cells = [name, f"{figures['bits']:.2f}", f"{figures['perplexity']:.4g}", f"{ratio:.4g}", agreement]
    cells += [
        f"{figures['bytes']:,}",
        speed,
        f"{figures['seconds_to_make']:.1f}",
        f"{figures['tokens_per_second']:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _streams(streams):
    for subject, found in streams.items():
        yield f"## {subject.name} on a long stream\n"
        if isinstance(found, str):
            yield f"Not measured: {found}\n"
            continue
        ways = {name: [*parts, _whole(parts, found["tokens"])] for name, parts in found["parts"].items()}
        dense = ways["float, dense"]
        times = found["tokens"] / (SINKS + subject.stream.window)
        yield (
            f"{found['tokens']:,} tokens of *Persuasion* without a fresh start, {times:.3g} times what attention "
            f"spans. A column is the perplexity of {PART:,} tokens, the last one that of all. In brackets: over dense "
            f"float attention. Nothing has left the window up to token {SINKS + subject.stream.window}.\n"
        )
        yield "| part | " + " | ".join(str(number) for number in range(1, len(dense))) + " | all |"
        yield "|---|" + "---:|" * len(dense)
        for name, parts in ways.items():
            over = [f"{v:.1f} ({v / d:.2f})" for v, d in zip(parts, dense, strict=True)]
            cells = [f"{value:.1f}" for value in parts] if parts is dense else over
            yield f"| {name} | " + " | ".join(cells) + " |"
        yield ""


def _whole(parts, tokens):
    """The perplexity of all ``tokens``, from those of their parts of PART, the last of which may be shorter."""
    counts = np.diff([*range(0, tokens, PART), tokens])
    return float(np.exp(np.dot(counts, np.log(parts)) / tokens))
