"""How many passes a text takes with drafts. They do not change it, so it says it all."""

from golden.decoder import Decoder
from golden.llm.draft_head import DraftHead
from golden.units.drafter import LOOKUP, Drafter
from golden.units.sampling import GREEDY


def chosen_by_row(prompt, tokens, drafts, depth=4096, source=LOOKUP, head=None, cost=0):
    """How many of ``tokens``, which follow ``prompt``, are chosen by the first row of a pass, by the second one, …, if
    every pass tries up to ``drafts`` tokens of Drafter(``depth``), and the cache sets no limit. The first of these
    numbers is that of the passes. ``head``: drafts_of_head(), for a ``source`` (of SOURCES) with a draft head, with
    whose drafts a pass takes ``cost`` (of Balance) more."""
    drafter, counts, at = Drafter(depth), [0] * (drafts + 1), 0
    for token in prompt:
        drafter.add(token)
    tried = []  # the first token comes with the prompt
    while at < len(tokens):
        row = 0
        counts[0] += 1
        drafter.add(tokens[at])
        while row < len(tried) and tried[row] == tokens[at] and at + 1 < len(tokens):
            at, row = at + 1, row + 1
            counts[row] += 1
            drafter.add(tokens[at])
        at += 1
        drafter.judge(bool(tried), row, cost)
        tried = drafter.drafts(drafts, source)
        if drafter.asks(source):
            tried = head[at - 1][:drafts]
    return counts


def drafts_of_head(model, prompt, tokens, drafts, sampling=GREEDY, **rule):
    """Behind each of ``tokens``, which ``model`` (AccModel) wrote after ``prompt`` with ``sampling``, the ``drafts``
    tokens of its draft head. ``rule``: ``sinks`` and ``window`` of Decoder."""
    decoder, head, found = Decoder(model, **rule), DraftHead(model), []
    decoder.feed(prompt)
    for token in tokens:
        found.append(head.drafts(decoder.hidden[-1], token, decoder.position, drafts, sampling))
        decoder.feed([token])
    return found
