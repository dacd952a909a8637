"""Tokens per pass with drafts that are looked up in the text so far, by kind of text and by format of the model; of
austen, whose draft head makes some as well, by their source.

    python benchmarks/speculation.py DRAFTING.acc

measures the same of a model that answers and has a draft head. Greedy, in the golden decoder. Drafts change no token,
so one text says it for every number of drafts.
"""

import dataclasses
import sys
from pathlib import Path
from types import MappingProxyType

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.table import print_table
from golden.decoder import Decoder
from golden.lambda_attention import LambdaRule
from golden.llm import container
from golden.llm.models.chat_template import chat_prompt
from golden.llm.speculation import chosen_by_row, drafts_of_head
from golden.units.balance import PASS
from golden.units.drafter import HEADS, LOOKUP, SOURCES
from myhdl_acc.cli.compressed import compressed
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.draft_cost import draft_cost
from myhdl_acc.rtl.config import AcceleratorConfig

TOKENS = 160
LONGEST = 1024  # tokens that attention covers where drafts are what they cost
DRAFTS = (1, 3)
FORMATS = ("w4", "w2")
_STORIES = (
    "Tom had a small red boat. Every morning he took the small red boat to the river behind the house, and every "
    "evening he carried it home. One day the river was wild after a night of rain, and the small red boat was "
    "carried away. Tom ran along the river until he saw it under the old bridge. An old man had caught it, "
    "and gave it back to him.",
    "The baker opened his shop at five. On Monday a fox came in and asked for bread. Tom gave the fox a loaf, and the "
    "fox said thank you. On Tuesday the fox came back with two friends. Tom gave each of them a loaf. By Friday "
    "there was a long line of foxes in front of the shop, and all of them paid with mushrooms.",
    "Our library moves in March. The books go first, then the shelves. Members may keep what they have borrowed until "
    "the new house opens in April. Tom Miller is in charge of the move. Please ask Tom Miller if you want to help, "
    "and bring boxes, tape and good shoes.",
)
_CODES = (
    "def area(width, height):\n    return width * height\n\n\ndef volume(width, height, depth):\n"
    "    return area(width, height) * depth\n",
    "def mean(values):\n    return sum(values) / len(values)\n\n\ndef variance(values):\n"
    "    middle = mean(values)\n    return mean([(value - middle) ** 2 for value in values])\n",
    "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n"
    "        self.items.append(item)\n\n    def pop(self):\n        return self.items.pop()\n",
)
#: What users say, by kind of text.
ASKED = {
    "rewriting": [f"Rewrite this text, and change Tom to Anna:\n\n{text}" for text in _STORIES],
    "summary": [f"Summarise this text:\n\n{text}" for text in _STORIES],
    "code": [f"Add a docstring to each function:\n\n{text}" for text in _CODES],
    "story": [f"Write a story about {what}." for what in ("a girl who finds a key", "two dogs", "the last train")],
    "question": ["Why is the sky blue?", "How do plants eat?", "What is a good breakfast?"],
}
PROSE = ("Anne had been a very pretty girl", "The party at Uppercross", "Captain Wentworth was")


def run():
    rows = []
    for kind in FORMATS:
        model = compressed("smollm2", kind)
        for what, asked in ASKED.items():
            rows.append((f"smollm2, {kind}", what, *_counted([_answered(model, text) for text in asked])))
    austen = compressed("austen", "w2")
    texts = [_decoded(austen, austen.tokenizer.prompt(text)) for text in PROSE]
    rows += [("austen, w2", *row) for row in _by_source(austen, "novel", texts, _costs(austen, "demo"))]
    _print("Lookup drafts", rows)


def run_with_head(path):
    """Of the model in ``path``, on u280."""
    model, rows = container.load(path), []
    costs = _costs(model, "u280")
    for what, asked in ASKED.items():
        rows += [(path, *row) for row in _by_source(model, what, [_answered(model, text) for text in asked], costs)]
    _print(f"Drafts, which cost {', '.join(f'{cost / PASS:.2f}' for cost in costs.values())} of a pass", rows)


def _print(title, rows):
    names = [f"tokens per pass, {drafts} draft{'s' * (drafts > 1)}" for drafts in DRAFTS]
    print_table(title, ("model", "text", "tokens", *names), rows)


def _by_source(model, what, texts, costs):
    """Rows of _counted() for ``texts`` by ``model``: for each source, and for a head that never rests."""
    heads = [drafts_of_head(model, *text, max(DRAFTS), **_rule(model, text[0])) for text in texts]
    rows = [(f"{what}, {name}", *_counted(texts, source, heads, costs)) for source, name in enumerate(SOURCES)]
    return [*rows, (f"{what}, {SOURCES[HEADS]}, never at rest", *_counted(texts, HEADS, heads))]


def _answered(model, asked):
    return _decoded(model, chat_prompt(model.tokenizer, [{"role": "user", "content": asked}]))


def _decoded(model, prompt):
    """``(prompt, tokens)``."""
    decoder = Decoder(model, rows=64, **_rule(model, prompt))
    return prompt, list(decoder.generate(prompt, TOKENS, ends=model.tokenizer.rules.end))


def _rule(model, prompt):
    rule = LambdaRule.of(model.spec).within(len(prompt) + TOKENS)
    return {"sinks": rule.sinks, "window": rule.window}


def _costs(model, preset):
    """draft_cost() by number of drafts, on ``preset`` with a row for each."""
    found = {}
    rule = LambdaRule.of(model.spec).within(LONGEST)
    for drafts in DRAFTS:
        config = dataclasses.replace(AcceleratorConfig.preset(preset), rows=1 + drafts)
        compiler = Compiler(model, rule, config, drafts=drafts, source=SOURCES[HEADS])
        found[drafts] = draft_cost(compiler, drafts, drawn=False)
    return found


def _counted(texts, source=LOOKUP, heads=(), costs=MappingProxyType({})):
    """Tokens of ``texts``, and how many a pass has given; ``heads``: of each text drafts_of_head(), whose ``costs`` are
    by number of drafts."""
    found = [sum(len(tokens) for _, tokens in texts)]
    for drafts in DRAFTS:
        counts = [
            chosen_by_row(prompt, tokens, drafts, source=source, head=head, cost=costs.get(drafts, 0))
            for (prompt, tokens), head in zip(texts, heads or [None] * len(texts), strict=True)
        ]
        found.append(round(found[0] / sum(one[0] for one in counts), 2))
    return found


if __name__ == "__main__":
    run_with_head(*sys.argv[1:])
