"""How many passes a text takes with drafts that are looked up in it. Drafts do not change it, so it says it all."""

from golden.units.drafter import Drafter


def chosen_by_row(prompt, tokens, drafts, depth=4096):
    """How many of ``tokens``, which follow ``prompt``, are chosen by the first row of a pass, by the second one, …, if
    every pass tries up to ``drafts`` tokens of Drafter(``depth``), and the cache sets no limit. The first of these
    numbers is that of the passes."""
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
        drafter.judge(tried, row)
        tried = drafter.drafts(drafts)
    return counts
