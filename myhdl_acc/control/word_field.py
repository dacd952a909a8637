"""A field of an instruction word."""

from myhdl import always_comb, block


@block
def word_field(word, field, first):
    """``field`` = the bits of ``word`` from ``first`` on."""
    if isinstance(field.val, bool):

        @always_comb
        def one():
            field.next = word[first]

        return one
    last = first + len(field)

    @always_comb
    def several():
        field.next = word[last:first]

    return several
