"""Selection of one of many words: every word but one is 0, and all are joined by or."""

from myhdl import Signal, always_comb, block

from myhdl_acc.hdl.wiring import type_of, wire


@block
def word_if(index, place, word, q):
    """``q`` is ``word`` while ``index`` is the constant ``place``, else 0."""

    @always_comb
    def gate():
        if index == place:
            q.next = word
        else:
            q.next = 0


@block
def or_tree(words, q):
    """``q`` = the bitwise or of ``words``, as a balanced tree without registers."""
    if len(words) == 1:
        return wire(words[0], q)
    half = len(words) // 2
    left, right = Signal(type_of(q)), Signal(type_of(q))
    trees = or_tree(words[:half], left), or_tree(words[half:], right)

    @always_comb
    def join():
        q.next = left | right

    return trees, join


@block
def select_of(code, words, q):
    """``q`` is the one of ``words`` whose place is ``code``, 0 if there is none."""
    gated = [Signal(type_of(q)) for _ in words]
    for place, (word, own) in enumerate(zip(words, gated, strict=True)):
        word_if(index=code, place=place, word=word, q=own)
    or_tree(words=gated, q=q)
