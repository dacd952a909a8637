"""The driver on the golden device: one start, many tokens; when it ends, what is left, and what goes wrong."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rule import RULE, SIZES
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.speculation import chosen_by_row
from golden.units.result_entry import ResultEntry
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, DeviceError, GoldenDevice
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.register_map import END_TOKENS, OFFSETS, STATUS

PROMPT = [3, 1, 4, 1, 5]


class Watched(GoldenDevice):
    """A golden device that counts its ``starts``; ``seconds`` are its clock, of which looking takes one."""

    def __init__(self, config):
        super().__init__(config)
        self.starts = self.seconds = 0
        self.stuck = False

    def write_register(self, offset, value):
        super().write_register(offset, value)
        self.starts += offset == OFFSETS["ctrl"]

    def now(self):
        return self.seconds

    def advance(self):
        self.seconds += 1
        return not self.stuck and super().advance()


@pytest.fixture
def make(model):
    """``make(config, …)``: an Accelerator with the model on a Watched device."""

    def accelerator(config, *arguments, device=Watched, **named):
        accelerator = Accelerator(device(config), config, *arguments, **named)
        accelerator.load(model, RULE)
        return accelerator

    return accelerator


@pytest.fixture
def accelerator(make, config):
    return make(config)


@pytest.fixture(scope="session")
def short(config):
    """A start takes 16 tokens and chooses 15."""
    return dataclasses.replace(config, run_tokens=16)


def starts(accelerator):
    return accelerator._device.starts


# What it says


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_drafts_change_no_token(data):
    """Nor the position: with any rule, rows, prompt and sampling, past evictions, over several starts."""
    rows, lanes = data.draw(st.sampled_from([(2, 2), (4, 1), (6, 4)]), "rows, lanes")
    config = dataclasses.replace(
        AcceleratorConfig.preset("tiny"), rows=rows, lanes=lanes, vector_depth=2048, activation_words=128
    )
    vocab, kv_heads = data.draw(st.sampled_from([5, 9, 37]), "vocab"), data.draw(st.sampled_from([1, 2]), "kv_heads")
    spoken = synthetic_model("w4", tied=False, **(SIZES | {"vocab": vocab, "kv_heads": kv_heads, "layers": 2}))
    rule = LambdaRule(data.draw(st.integers(0, 5), "sinks"), data.draw(st.sampled_from([1, 2, 9, 31, 70]), "window"))
    prompt = data.draw(st.lists(st.integers(0, vocab - 1), min_size=1, max_size=40), "prompt")
    sampling = Sampling(data.draw(st.sampled_from([0, 2048]), "temperature"), data.draw(st.integers(0, 99), "seed"))
    accelerator = Accelerator(GoldenDevice(config), config, drafts=data.draw(st.integers(1, rows - 1), "drafts"))
    accelerator.load(spoken, rule)
    decoder = Decoder(spoken, sinks=rule.sinks, window=rule.window)
    expected = list(decoder.generate(prompt, 60, sampling=sampling))
    first = list(accelerator.generate(prompt, 20, sampling=sampling))
    assert first + list(accelerator.generate(first[-1:], 40, sampling=sampling)) == expected
    assert accelerator.position == len(prompt) + 59 and sum(accelerator.chosen_by_row) == 60


def test_passes_are_what_the_text_alone_says(config, model, decoded):
    accelerator = Accelerator(GoldenDevice(config), config, drafts=1)
    accelerator.load(model, LambdaRule(0, 60))
    tokens = list(accelerator.generate([1, 2, 1, 2, 1], 50))
    counts = chosen_by_row([1, 2, 1, 2, 1], tokens, 1)
    assert accelerator.chosen_by_row == counts and counts[1] > 0
    assert accelerator.passes == 3 + counts[0] - 1  # the prompt's, of two rows, choose the first token


def test_drafts_are_for_rows(config, model):
    for drafts in (config.rows, -1, True):
        with pytest.raises(InputError, match="2 rows have room for 0 to 1 drafts"):
            Accelerator(GoldenDevice(config), config, drafts=drafts)
    accelerator = Accelerator(GoldenDevice(config), config, drafts=1)
    accelerator.load(model, RULE)
    kept = [accelerator.keeps_logits(-1) for _ in accelerator.generate([1, 2, 1, 2, 1], 40)]
    assert True in kept and False in kept
    accelerator.reset()
    list(accelerator.generate([1, 2, 1, 2, 1], 1 + kept.index(False)))
    with pytest.raises(InputError, match="the logits of rows behind the first are not kept"):
        accelerator.logits()


def test_generates_what_the_decoder_does(accelerator, decoded):
    expected = decoded(PROMPT, 12)
    assert list(accelerator.generate(PROMPT, 12)) == expected and starts(accelerator) == 1
    assert accelerator.position == 5 + 11
    accelerator.reset()
    assert list(accelerator.generate(PROMPT, 3)) == expected[:3]
    assert list(accelerator.generate(expected[2:3], 4)) == expected[3:7]


def test_the_default_rule_is_the_decoders(config, model):
    accelerator = Accelerator(GoldenDevice(config), config)
    accelerator.load(model)
    tokens = list(range(30))
    accelerator.feed(tokens)
    assert np.array_equal(accelerator.logits(), Decoder(model).feed(tokens)[-1])


def test_draws_what_the_decoder_does(accelerator, decoded):
    sampling = Sampling.of(15, seed=1 << 63)
    expected = decoded(PROMPT, 12, sampling=sampling)
    assert list(accelerator.generate(PROMPT, 12, sampling=sampling)) == expected
    accelerator.reset()
    assert list(accelerator.generate(PROMPT + expected[:5], 3, sampling=sampling)) == expected[5:8]
    accelerator.reset()
    assert list(accelerator.generate(PROMPT, 12)) == decoded(PROMPT, 12) != expected


def test_feed_draws_as_it_was_told(accelerator, decoded, model):
    """Until the next model is loaded."""
    sampling = Sampling.of(15, seed=3)
    accelerator.sample(sampling)
    assert [accelerator.feed(PROMPT)] == decoded(PROMPT, 1, sampling=sampling)
    accelerator.load(model, RULE)
    assert [accelerator.feed(PROMPT)] == decoded(PROMPT, 1)


def test_choices_from_logits(accelerator, decoded):
    """The host picks the second best, token by token."""

    def second(logits):
        return int(np.argsort(-logits, kind="stable")[1])

    assert list(accelerator.generate(PROMPT, 6, second)) == decoded(PROMPT, 6, second)
    assert starts(accelerator) == 6


# One run


def test_a_run_step_by_step(accelerator, model):
    """A prompt alone computes no logits."""
    accelerator.start([7, 8, 9], 0)
    assert list(accelerator.tokens()) == [] and accelerator.position == 3
    for ask in (accelerator.logits, lambda: accelerator.top(1)):
        with pytest.raises(InputError, match="the latest run computed no such logits"):
            ask()
    accelerator.start([9], 1)
    expected = Decoder(model, sinks=2, window=10).feed([7, 8, 9, 9])[-1]
    assert list(accelerator.tokens()) == [int(np.argmax(expected))] and accelerator.position == 4
    assert np.array_equal(accelerator.logits(), expected)
    best = accelerator.top(4)
    assert [logit for _, logit in best] == sorted(expected.tolist(), reverse=True)[:4]
    assert all(expected[token] == logit for token, logit in best)
    assert accelerator.status()[0] == "ok"
    assert accelerator.counters()["beats_read"] == [0] * 2  # the golden device counts nothing


def test_tokens_can_be_read_again(accelerator, decoded):
    """From any of them on, as long as no other run has begun."""
    accelerator.start(PROMPT, 6)
    expected = decoded(PROMPT, 6)
    first = accelerator.tokens()
    assert [next(first), next(first)] == expected[:2]
    assert list(accelerator.tokens(1)) == expected[1:]
    assert list(accelerator.tokens(4)) == expected[4:]


def test_top_prefers_the_lower_token_among_equals(accelerator, monkeypatch):
    monkeypatch.setattr(accelerator, "logits", lambda: np.array([5, 9, 9, -2, 9, 5], np.int32))
    assert accelerator.top(5) == [(1, 9), (2, 9), (4, 9), (0, 5), (5, 5)]


def test_logits_of_many_choices(make, config, model):
    accelerator = make(config, kept=4)
    tokens = list(accelerator.generate(PROMPT, 6))
    assert starts(accelerator) == 2  # of four and of two
    decoder = Decoder(model, sinks=2, window=10)
    expected = [decoder.feed(fed)[-1] for fed in (PROMPT, *([token] for token in tokens[:5]))]
    for number in (-1, -2):
        assert np.array_equal(accelerator.logits(number), expected[number])
    for number in (-3, 0):
        with pytest.raises(InputError, match="no such logits"):
            accelerator.logits(number)
    with pytest.raises(InputError, match="chooses at most 4 tokens, not 5"):
        accelerator.start([1], 5)


# More than a start takes


def test_a_long_prompt_and_a_long_text(make, short, decoded):
    """Two starts take 32 tokens, one the rest; it and two more choose 15, 15 and 10."""
    accelerator, prompt = make(short), [(7 * n) % 37 for n in range(40)]
    assert list(accelerator.generate(prompt, 40)) == decoded(prompt, 40)
    assert starts(accelerator) == 5 and accelerator.position == 79


@pytest.mark.parametrize("length", [15, 16, 17, 32])
def test_whole_starts(make, short, decoded, length):
    prompt = list(range(length))
    assert list(make(short).generate(prompt, 2)) == decoded(prompt, 2)


def test_a_prompt_without_choices_is_taken(make, short, decoded):
    accelerator, prompt = make(short), list(range(20))
    assert list(accelerator.generate(prompt, 0)) == [] and accelerator.position == 20
    assert list(accelerator.generate([5], 3)) == decoded([*prompt, 5], 3)


def test_the_ring_is_used_again(make, short, decoded):
    """Each run fills all of it."""
    accelerator, (token, *expected) = make(short), decoded(PROMPT, 46)
    assert [accelerator.feed(PROMPT)] == [token]
    for n in range(3):
        accelerator.start([token], 15)
        assert list(accelerator.tokens()) == expected[15 * n : 15 * n + 15]
        token = expected[15 * n + 14]


class WordByWord(Watched):
    """Writes an entry while it is read: the index was that of the entry before, token and cycles still are its."""

    tears = True

    def __init__(self, config):
        super().__init__(config)
        self._before = {}

    def read_memory(self, lane, offset, size):
        now = super().read_memory(lane, offset, size)
        before = self._before.get(offset, np.zeros(size, np.uint8))
        self._before[offset] = now
        same = size == 16 and (now[:4] == before[:4]).all()
        return np.concatenate([before[:12], now[12:]]) if same else now


def test_an_entry_that_is_read_while_it_is_written(make, short, decoded):
    accelerator = make(short, device=WordByWord)
    assert list(accelerator.generate(PROMPT, 20)) == decoded(PROMPT, 20)


@pytest.mark.parametrize("before", [0, 65536])
def test_entries_of_others_do_not_count(make, short, decoded, before):
    """Whoever had the memory before had the same numbers, and so had a run 65,536 runs ago."""
    accelerator, beat = make(short), short.beat_bits // 8
    if before:
        accelerator.feed([1])
        accelerator.reset()
        accelerator._tag = 65535
    for index in range(16):
        place = (accelerator.regions["results"].address + index) * beat
        accelerator._device.write_memory(0, place, ResultEntry(index, 36, 0, 0).words().tobytes())
    assert list(accelerator.generate(PROMPT, 15)) == decoded(PROMPT, 15)


# Where it ends


def first_seen(tokens):
    """The last of ``tokens`` that is none of those before it, and its number."""
    at = max(n for n in range(1, len(tokens) - 1) if tokens[n] not in tokens[:n])
    return at, tokens[at]


@pytest.mark.parametrize("others", [0, END_TOKENS - 1])
def test_end_tokens(accelerator, decoded, others):
    tokens = decoded(PROMPT, 12)
    at, end = first_seen(tokens)
    unused = [token for token in range(37) if token not in tokens][:others]
    assert list(accelerator.generate(PROMPT, 12, ends=(*unused, end))) == tokens[: at + 1]
    assert starts(accelerator) == 1 and accelerator.position == 5 + at


def test_more_end_tokens_than_a_run_can_have(accelerator, decoded):
    """There is a start for each token."""
    tokens = decoded(PROMPT, 12)
    at, end = first_seen(tokens)
    ends = (*(token for token in range(37) if token not in tokens[:at]), end)
    assert len(ends) > END_TOKENS
    assert list(accelerator.generate(PROMPT, 12, ends=ends)) == tokens[: at + 1]
    assert starts(accelerator) == at + 1
    with pytest.raises(InputError, match=f"can end with {END_TOKENS} different tokens, not with {len(ends)}"):
        accelerator.start(PROMPT, 1, ends)


def test_nothing_is_fed_ahead(accelerator, decoded):
    tokens = accelerator.generate(PROMPT, 9, ahead=False)
    assert [next(tokens), next(tokens)] == decoded(PROMPT, 2)
    tokens.close()
    assert accelerator.position == 5 + 1 and starts(accelerator) == 2


def test_a_run_is_stopped(accelerator, decoded):
    """The pass under way is the last one."""
    accelerator.start(PROMPT, 50)
    tokens = accelerator.tokens()
    found = [next(tokens), next(tokens)]
    accelerator.stop()
    found += tokens
    assert len(found) < 5 and found == decoded(PROMPT, len(found))
    assert accelerator.position == 5 + len(found) - 1 and accelerator.status()[0] == "ok"
    assert list(accelerator.generate([found[-1]], 3)) == decoded(PROMPT, 6)[len(found) :][:3]


def test_who_leaves_early_ends_the_run(accelerator, decoded):
    """``between`` hears of all that was chosen, and the device is at rest."""
    heard = []
    tokens = accelerator.generate(PROMPT, 50, ends=(36,), between=lambda *run: heard.append(run))
    given = [next(tokens), next(tokens)]
    assert heard == []
    tokens.close()
    ((prompt, chosen, ends),) = heard
    assert (prompt, ends) == (PROMPT, (36,)) and chosen[:2] == given and chosen == decoded(PROMPT, len(chosen))
    assert 2 < len(chosen) < 6 and accelerator.position == 5 + len(chosen) - 1
    assert accelerator._device.advance() is True


def test_between_runs(make, short, decoded):
    heard, prompt = [], list(range(20))
    tokens = list(make(short).generate(prompt, 20, between=lambda *run: heard.append(run)))
    assert tokens == decoded(prompt, 20)
    assert heard == [(prompt[:16], [], ()), (prompt[16:], tokens[:15], ()), (tokens[14:15], tokens[15:], ())]


def test_what_between_raises_is_heard_by_who_leaves(accelerator):
    def between(*_):
        raise RuntimeError("they differ")

    tokens = accelerator.generate(PROMPT, 50, between=between)
    next(tokens)
    with pytest.raises(RuntimeError, match="they differ"):
        tokens.close()


# What goes wrong


def test_a_failed_run_says_why(accelerator, config):
    program = accelerator.regions["program"].address * config.beat_bits // 8
    accelerator._device.write_memory(0, program, b"\xff" * 32)
    accelerator.start([1], 1)
    with pytest.raises(DeviceError, match="instruction 0: status illegal, unknown unit or op"):
        list(accelerator.tokens())
    assert accelerator._device.read_register(OFFSETS["status"]) == STATUS["illegal"]
    assert accelerator.position == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (STATUS["timeout"], r"instruction \?: status timeout, nothing moved"),
        (99, r"instruction \?: status code 99, which is none"),
    ],
)
def test_the_last_entry_says_how_it_ended(make, config, code, message):
    """Where no register can be read that is all there is."""

    class Failing(Watched):
        readable = False

        def _enter(self, index, token, kind=1, _=0):
            super()._enter(index, token, kind, code * (kind == 2))

    accelerator = make(config, device=Failing)
    with pytest.raises(DeviceError, match=message):
        accelerator.feed([1])
    assert accelerator.position == 1


@pytest.mark.parametrize(
    ("tokens", "message"),
    [([], "takes 1 to 128 tokens"), ([37], "token 37 is outside"), ([1, -1], "token -1 is outside")],
)
def test_bad_tokens(accelerator, tokens, message):
    with pytest.raises(InputError, match=message):
        accelerator.feed(tokens)
    assert accelerator.position == 0 and starts(accelerator) == 0


def test_more_than_a_start_can(accelerator):
    with pytest.raises(InputError, match=r"takes 1 to 128 tokens \(run_tokens\), not 129"):
        accelerator.start([1] * 129, 1)
    with pytest.raises(InputError, match="chooses at most 127 tokens, not 128"):
        accelerator.start([1], 128)
    with pytest.raises(InputError, match="at most 127 tokens, not -1"):
        accelerator.start([1], -1)
    accelerator.position = 1 << 31
    with pytest.raises(InputError, match="position 2147483648"):
        accelerator.feed([1])


def test_no_model(config):
    with pytest.raises(InputError, match="no model is loaded"):
        Accelerator(GoldenDevice(config), config).feed([1])


def test_nothing_was_started(accelerator):
    with pytest.raises(DeviceError, match="nothing was started"):
        accelerator._device.advance()


def test_pointers_must_be_set(accelerator):
    accelerator._device.write_register(0x48, 12345)
    with pytest.raises(DeviceError, match="lane 1: its pointer register is 12345"):
        accelerator.feed([1])


def test_a_run_that_says_nothing(make, config):
    accelerator = make(config, timeout=100)
    accelerator._device.stuck = True
    with pytest.raises(DeviceError, match="no token came within 100 s of the device's clock"):
        accelerator.feed([1])
    assert accelerator._device.seconds == 101


def test_a_long_prompt_may_take_longer(make, config):
    accelerator = make(dataclasses.replace(config, run_tokens=4096), timeout=100)
    accelerator._device.stuck = True
    with pytest.raises(DeviceError, match="within 300 s"):
        accelerator.feed([1] * 2049)


def test_a_run_that_does_not_end(make, config):
    class Endless(Watched):
        def advance(self):
            super().advance()
            return False

    with pytest.raises(DeviceError, match="the run did not end within 100 s"):
        make(config, timeout=100, device=Endless).feed([1])


def test_a_run_that_ends_without_a_word(make, config):
    class Silent(Watched):
        def _enter(self, *_):
            pass

    with pytest.raises(DeviceError, match="ended without a word"):
        make(config, device=Silent).feed([1])


def test_who_reads_slowly_has_all_the_time(make, config, decoded):
    accelerator, found = make(config, timeout=100), []
    for token in accelerator.generate(PROMPT, 5):
        found.append(token)
        accelerator._device.seconds += 1000
    assert found == decoded(PROMPT, 5)


# Cycles


def test_cycles_are_counted_over_all_runs(make, config):
    """Modulo 2^32 in each of them, as the entries have it."""
    stamps = iter([100, 150, 160, (1 << 32) - 6, 4, 10, 20])

    class Clocked(Watched):
        clocked = True

        def _enter(self, index, token, kind=1, code=0):
            beat, results = config.beat_bits // 8, self._registers[OFFSETS["results"]]
            super()._enter(index, token, kind, code)
            cycles = np.array([next(stamps)], "<u4")
            self.write_memory(0, (results + index) * beat + 8, cycles.tobytes())

    accelerator = make(config, device=Clocked)
    tokens, seen = accelerator.generate(PROMPT, 2), []
    for _ in tokens:
        seen.append(accelerator.cycles)
    assert seen == [100, 150] and accelerator.cycles == 160
    for _ in accelerator.generate([1], 3):
        seen.append(accelerator.cycles - 160)
    assert seen[2:] == [(1 << 32) - 6, (1 << 32) + 4, (1 << 32) + 10]
    assert accelerator.cycles == 160 + (1 << 32) + 20


def test_the_golden_device_has_no_clock(accelerator):
    accelerator.feed([1])
    assert accelerator.cycles is None


def test_a_run_that_nobody_followed_to_its_end(make, config):
    """A text after it, or after a reset, is what it would be without it; so is what a start gives."""
    accelerator, decoder = make(config), make(config)
    text = accelerator.generate(PROMPT, 8)
    next(text)
    accelerator.reset()
    assert list(accelerator.generate(PROMPT, 8)) == list(decoder.generate(PROMPT, 8))
    accelerator.start([3], 5)
    next(accelerator.tokens())
    accelerator.reset()
    decoder.reset()
    assert list(accelerator.run(PROMPT, 3)) == list(decoder.run(PROMPT, 3))
    del text  # it must not touch the run of another


def test_an_interrupt_in_mid_run(make, config):
    class Interrupted(Watched):
        after = 3

        def advance(self):
            self.after -= 1
            if not self.after:
                raise KeyboardInterrupt
            return super().advance()

    accelerator = make(config, device=Interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(accelerator.generate(PROMPT, 8))
    accelerator.reset()
    assert list(accelerator.generate(PROMPT, 8)) == list(make(config).generate(PROMPT, 8))


def test_a_stop_ends_a_text(make, config, short):
    for one in (config, short):
        accelerator, found = make(one), []
        for token in accelerator.generate(PROMPT, 40):
            found.append(token)
            accelerator.stop()
        assert 1 <= len(found) < 5


def test_tokens_are_read_again(accelerator):
    accelerator.start(PROMPT, 4)
    first = list(accelerator.tokens())
    logits, cycles, passes = accelerator.logits(), accelerator.cycles, accelerator.passes
    assert list(accelerator.tokens()) == first and next(accelerator.tokens()) == first[0]
    assert (accelerator.cycles, accelerator.passes) == (cycles, passes)
    assert np.array_equal(accelerator.logits(), logits)


def test_a_wrong_token_is_refused_before_any_is_fed(make, short):
    accelerator = make(short)
    with pytest.raises(InputError, match="token 9999 is outside"):
        list(accelerator.generate([*[1] * 20, 9999], 2))
    assert accelerator.position == 0


@pytest.mark.parametrize("kept", [0, -1, True, 2.5])
def test_kept_that_is_no_number_of_choices(config, kept):
    with pytest.raises(InputError, match="kept must be a number of choices"):
        Accelerator(GoldenDevice(config), config, kept=kept)
