"""Texts that a model writes itself, for its draft head to learn from: most are greedy, some drawn.

``write(prompts, temperature, seed, turns)`` does it: the result is continue_texts()'s.
"""

import itertools

import torch

from golden.llm.train.asked import Turns, about_texts, first_answers, questions

BEGUN = 12  # tokens of a text that the model goes on with
TEMPERATURE = 0.8  # of the drawn ones
TOGETHER = 128  # conversations: so many caches are in memory


def continuations(write, tokens, count, first):
    """``count`` texts that begin with BEGUN of ``tokens`` at random places, two of three greedy; each begins with the
    tokens ``first`` of any prompt."""
    for seed, (texts, temperature) in enumerate(((count - count // 3, 0.0), (count // 3, TEMPERATURE))):
        at = torch.randint(0, len(tokens) - BEGUN, (texts,), generator=torch.Generator().manual_seed(seed)).tolist()
        yield write([first + tokens[one + len(first) : one + BEGUN] for one in at], temperature, seed, ())


def conversations(write, tokenizer, count):
    """``count`` conversations, TOGETHER at a time. Of four times the second one is about what was written in the first,
    and the fourth is drawn."""
    turns, asked, written = Turns(tokenizer), itertools.cycle(questions()), None
    for seed in range(-(-count // TOGETHER)):
        about = asked
        if seed % 4 == 1:
            about = itertools.cycle(about_texts(first_answers(tokenizer, *written[:2])))
        prompts = [turns.first(one) for one in itertools.islice(about, min(TOGETHER, count - seed * TOGETHER))]
        written = write(prompts, TEMPERATURE if seed % 4 == 3 else 0.0, seed, map(turns.next, about))
        yield written
