"""What somebody may ask a model that answers: the beginnings of texts that it then writes."""

import itertools
import random

from golden.llm.models.chat_template import chat_text

_ABOUT = (
    *("Write a story about {}.", "Tell me a short story about {}.", "Write a story for children about {}."),
    *("Write a letter to a friend about {}.", "Write a poem about {}.", "Describe {}.", "What do you know about {}?"),
    *("Explain {} to a child.", "Why do people like {}?", "What is special about {}?", "How would you draw {}?"),
    *("Give me three facts about {}.", "What can we learn from {}?", "Write a paragraph about {}."),
    *("What is the best way to learn about {}?", "Why should we care about {}?", "What is the history of {}?"),
)
_THINGS = (
    *("a wolf", "a lighthouse", "the moon", "a bakery", "an old clock", "rain", "the sea", "a garden", "a bicycle"),
    *("honey bees", "a lost letter", "mountains", "a kind teacher", "winter", "a small village", "a dragon", "music"),
    *("a robot", "tea", "volcanoes", "a painter", "the desert", "a boat", "elephants", "a secret door", "rivers"),
    *("a market", "an island", "bread", "friendship", "a spider", "the stars", "a school", "a storm", "chess"),
    *("a king without a crown", "computers", "a fisherman", "forests", "a birthday", "the wind", "a cat", "books"),
    *("two brothers", "a hospital", "magnets", "an apple tree", "a journey", "electricity", "a bridge", "birds"),
    *("a doctor", "the first snow", "a museum", "dinosaurs", "a farmer", "sleep", "a balloon", "whales", "maps"),
    *("a ghost", "football", "an old ship", "cooking", "a photograph", "the heart", "a river boat", "gravity"),
    *("a shy boy", "exercise", "a long walk", "ants", "a queen", "glass", "a holiday", "the city", "salt", "a horse"),
)
_ABOUT_TWO = ("Write a story about {} and {}.", "Compare {} with {}.", "What have {} and {} in common?")
_QUESTIONS = (
    *("Why is the sea salty?", "How do birds fly?", "What is a good dinner?", "Why do cats purr?"),
    *("How do fish breathe?",),
    *("Why do leaves fall in autumn?", "How does a car work?", "What makes a good friend?", "Why do we dream?"),
    *("How can I sleep better?", "What is the capital of Spain?", "How do I learn a language?", "Why is ice slippery?"),
    *("How do animals stay warm?", "What is a healthy lunch?", "Why is grass green?", "How are clouds made?"),
    *("What should I read next?", "How do I save money?", "Why do we need water?", "What is a black hole?"),
    *("How do trees grow?", "Why do people travel?", "What is a computer program?", "How do I make soup?"),
    *("Why is exercise good for us?", "How does the heart work?", "What is democracy?", "How do planes stay up?"),
)
_ABOUT_A_TEXT = (
    *("Summarise this text:\n\n{}", "Rewrite this text in simple words:\n\n{}", "What is this text about?\n\n{}"),
)
_PASSAGE = 300  # characters of a text that is asked about
_HERE = "(here)"  # stands for a message


def questions():
    """What may be asked of nothing but what the model knows, as texts: every one once, alike ones far apart."""
    pairs = [(a, b) for a, b in itertools.permutations(_THINGS, 2) if (len(a) + len(b)) % 5 == 0]
    asked = [about.format(thing) for about, thing in itertools.product(_ABOUT, _THINGS)]
    asked += [about.format(*pair) for about, pair in zip(itertools.cycle(_ABOUT_TWO), pairs, strict=False)]
    return random.Random(0).sample([*_QUESTIONS, *asked], len(_QUESTIONS) + len(asked))


def about_texts(texts):
    """What may be asked about ``texts``: a question about the beginning of each."""
    asked = itertools.cycle(_ABOUT_A_TEXT)
    return [next(asked).format(text[:_PASSAGE].rsplit(" ", 1)[0]) for text in texts]


def first_answers(tokenizer, tokens, own):
    """The texts of the first answer in each of ``tokens`` (B, T), of which the model chose ``own`` (B, T)."""
    ends = set(tokenizer.rules.end)
    answers = [one[mine].tolist() for one, mine in zip(tokens, own, strict=True)]
    return [tokenizer.decode([*itertools.takewhile(lambda token: token not in ends, one)]) for one in answers]


class Turns:
    """Tokens of what is asked as the chat template of ``tokenizer`` has them: ``first(asked)`` of a conversation, and
    ``next(asked)`` behind the end token of an answer."""

    def __init__(self, tokenizer):
        talk = [{"role": role, "content": _HERE} for role in ("user", "assistant", "user")]
        self._first, _, self._next, self._answer = chat_text(tokenizer, talk).split(_HERE)
        self._tokenizer = tokenizer

    def first(self, asked):
        return self._tokenizer.encode(self._first + asked + self._answer)

    def next(self, asked):
        tokens = self._tokenizer.encode(self._next + asked + self._answer)
        return tokens[tokens[0] in self._tokenizer.rules.end :]
