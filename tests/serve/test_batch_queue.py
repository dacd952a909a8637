"""Several clients at a time, each in a row: everybody gets its own text, whoever leaves or fails harms nobody."""

import logging
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from test_queue import begin, create, places, prompt_of, read_until

from golden.units.sampling import Sampling
from myhdl_acc.driver import DeviceError
from myhdl_acc.driver.simulation_device import SimulationDevice


@pytest.fixture
def held(serve):
    """A server of two rows and two places more, whose device is held."""
    with serve(waiting=2, batch=2) as served:
        served.device.hold()
        yield served


def test_fifty_clients_get_their_own_texts(serve):
    """Every fifth one leaves in the middle of its stream; every third one draws, each in its own way."""
    with serve(batch=2) as served, served.client() as client, ThreadPoolExecutor(50) as clients:

        def ask(number):
            if number % 5 == 0:
                stream = client.completions.create(model="tiny", prompt=prompt_of(number), max_tokens=24, stream=True)
                part = next(stream).choices[0].text
                stream.close()
                return part
            how = {"temperature": 0.1 * number % 2, "seed": number} if number % 3 == 0 else {"temperature": 0}
            found = client.completions.create(model="tiny", prompt=prompt_of(number), max_tokens=1 + number % 7, **how)
            return found.choices[0].text

        texts = list(clients.map(ask, range(50)))
        for number, text in enumerate(texts):
            count = 1 + number % 7 if number % 5 else 1
            drawn = number % 3 == 0 and number % 5
            sampling = Sampling.of(0.1 * number % 2 if drawn else 0, number if drawn else 0)
            assert text == served.expected(prompt_of(number), count, sampling=sampling)[0], number
        served.until(lambda: places(served) == 0)
        assert create(client, 7) == served.expected(prompt_of(7), 4)[0]


def test_two_texts_come_at_the_same_time(held):
    """Both streams have a token before either has ended; a third waits for a row."""
    connections = [begin(held, number, max_tokens=6) for number in (1, 2, 3)]
    held.until(lambda: places(held) == 3)
    held.device.allow(16)
    for connection in connections[:2]:
        read_until(connection, b"data: ")
    held.device.allow()
    for number, connection in zip((1, 2, 3), connections, strict=True):
        assert b"[DONE]" in read_until(connection, b"[DONE]"), number


def test_one_who_leaves_makes_room(held):
    """The other text goes on, and the third takes the row."""
    leaves, stays = begin(held, 1, max_tokens=24), begin(held, 2, max_tokens=12)
    held.until(lambda: places(held) == 2)
    held.device.allow(8)
    read_until(leaves, b"data: ")
    leaves.close()
    third = begin(held, 3, max_tokens=3)
    held.device.allow()
    read_until(third, b"[DONE]")
    read_until(stays, b"[DONE]")
    held.until(lambda: places(held) == 0)


def test_a_stop_text_ends_one_of_two(serve):
    with serve(batch=2) as served, served.client() as client, ThreadPoolExecutor(2) as clients:
        whole = served.expected(prompt_of(4), 12)[0]
        stop = whole[3]

        def ask(number):
            stops = {"stop": stop} if number == 4 else {}
            found = client.completions.create(model="tiny", prompt=prompt_of(number), max_tokens=12, **stops)
            return found.choices[0].text, found.choices[0].finish_reason

        texts = list(clients.map(ask, (4, 9)))
    assert texts == [(whole[: whole.index(stop)], "stop"), (served.expected(prompt_of(9), 12)[0], "length")]


def test_a_failure_is_told_to_both_and_the_next_text_is_whole(held, caplog):
    caplog.set_level(logging.CRITICAL)
    with held.client() as client, ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(create, client, number) for number in (1, 2)]
        held.until(lambda: places(held) == 2)
        held.device.failure = DeviceError("the run ended without a word: the program failed")
        held.device.allow()
        for one in asked:
            with pytest.raises(openai.APIStatusError, match="the program failed"):
                one.result()
        held.device.failure = None
        assert create(client, 3) == held.expected(prompt_of(3), 4)[0]


def test_the_end_tells_who_waits(held):
    with held.client() as client, ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(create, client, number) for number in range(1, 5)]
        held.until(lambda: places(held) == 4)
        held.queue.close()
        for one in asked:
            with pytest.raises(openai.APIStatusError):
                one.result()
        held.device.allow()


def test_a_conversation_goes_on_from_its_row(serve):
    with serve(device=SimulationDevice, batch=2) as served, served.device, served.client() as client:
        prompt = prompt_of(5)
        text, tokens = served.expected(prompt, 3)
        found = client.completions.create(model="tiny", prompt=prompt, max_tokens=3)
        assert found.choices[0].text == text and found.usage.prompt_cycles > 100
        longer = [*prompt, *tokens, 8]
        on = client.completions.create(model="tiny", prompt=longer, max_tokens=2)
        assert on.choices[0].text == served.expected(longer, 2)[0]
        assert on.usage.prompt_tokens_details.cached_tokens == 5
