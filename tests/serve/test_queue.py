"""Many clients, one accelerator: each gets its own text, none waits for one who has gone, and the end is clean."""

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from myhdl_acc.driver import DeviceError


@pytest.fixture
def held(serve):
    """A server of three places whose device is held."""
    with serve(waiting=2) as served:
        served.device.hold()
        yield served


def prompt_of(number):
    return [number // 35, 3, number % 35]


def create(client, number, stream=False, count=4):
    """The text that goes on from prompt_of(``number``)."""
    found = client.completions.create(model="tiny", prompt=prompt_of(number), max_tokens=count, stream=stream)
    return "".join(each.choices[0].text for each in (found if stream else [found]))


def send(served, length, body):
    """A connection that has sent ``body`` as the one of a request, whose ``length`` it says."""
    connection = socket.create_connection(("127.0.0.1", served.port))
    head = f"Host: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(b"POST /v1/completions HTTP/1.1\r\n" + head.encode() + body)
    return connection


def begin(served, number, **parameters):
    """A connection that has asked for a stream, unless ``parameters`` say otherwise."""
    body = json.dumps({"model": "tiny", "prompt": prompt_of(number), "stream": True} | parameters).encode()
    return send(served, len(body), body)


def read_until(connection, text):
    """What a connection brings, up to ``text``."""
    found = b""
    while text not in found:
        more = connection.recv(4096)
        assert more, found
        found += more
    return found


def places(served):
    return len(served.queue._places)


def test_fifty_clients_get_their_own_texts(serve):
    """Every fifth one leaves in the middle of its stream."""
    with serve() as served, served.client() as client, ThreadPoolExecutor(50) as clients:

        def ask(number):
            if number % 5:
                return create(client, number, stream=number % 2 == 0)
            stream = client.completions.create(model="tiny", prompt=prompt_of(number), max_tokens=24, stream=True)
            part = next(stream).choices[0].text
            stream.close()
            return part

        texts = list(clients.map(ask, range(50)))
        for number, text in enumerate(texts):
            assert text == served.expected(prompt_of(number), 4 if number % 5 else 1)[0], number
        assert len(set(texts)) > 25
        served.until(lambda: places(served) == 0)
        assert create(client, 7) == texts[7]


def test_a_full_queue_says_so(held):
    with held.client() as client, ThreadPoolExecutor(3) as clients:
        answers = [clients.submit(create, client, number) for number in range(3)]
        held.until(lambda: places(held) == 3)
        status, body, headers = held.request("POST", "/v1/completions", json.dumps({"model": "tiny", "prompt": [1]}))
        assert status == 429 and headers["Retry-After"] == "1"
        assert body["error"]["code"] == "queue_full" and "all 3 places are taken" in body["error"]["message"]
        with pytest.raises(openai.RateLimitError):
            create(client, 9)
        assert held.request("GET", "/v1/models")[0] == 200
        held.device.allow()
        assert [answer.result() for answer in answers] == [held.expected(prompt_of(n), 4)[0] for n in range(3)]
        assert create(client, 9) == held.expected(prompt_of(9), 4)[0]


def test_who_leaves_in_the_middle_frees_the_accelerator(held):
    """The third token is under way when the client goes; the run hears of it before the fourth, which is its last."""
    with begin(held, 5, max_tokens=24) as connection:
        held.device.allow(2)
        read_until(connection, b'"text"')
        held.until(lambda: held.device.steps == 3)
    held.until(lambda: places(held) == 0)
    held.device.allow()
    with held.client() as client:
        assert create(client, 6) == held.expected(prompt_of(6), 4)[0]
    assert held.device.steps == (4 + 1) + (4 + 1) and held.device.starts == 2


def test_who_leaves_while_a_long_prompt_is_read_frees_the_accelerator(held):
    with begin(held, 5, prompt=list(range(20)), stream=False):
        held.until(lambda: held.device.steps == 1)
    held.until(lambda: places(held) == 0)
    held.device.allow()
    with held.client() as client:
        assert create(client, 6) == held.expected(prompt_of(6), 4)[0]
    assert held.device.steps == (2 + 1) + (4 + 1) and held.device.starts == 2


@pytest.mark.parametrize("stream", [False, True])
def test_who_leaves_the_queue_costs_nothing(held, stream):
    with ThreadPoolExecutor(1) as clients, held.client() as client:
        first = clients.submit(create, client, 1)
        held.until(lambda: held.device.steps == 1)
        with begin(held, 2, stream=stream):
            held.until(lambda: places(held) == 2)
        held.until(lambda: places(held) == 1)
        held.device.allow()
        assert first.result() == held.expected(prompt_of(1), 4)[0]
        assert held.device.steps == 4 + 1 and held.device.starts == 1


def test_who_does_not_read_keeps_nobody_waiting(serve):
    """The text waits in memory, as long as the client does not leave."""
    with serve(waiting=0) as served, begin(served, 5, max_tokens=24), served.client() as client:
        served.until(lambda: served.device.steps == 25 and served.queue._free._value == 1)
        assert create(client, 6) == served.expected(prompt_of(6), 4)[0]


def test_one_place_is_enough_for_one_client(serve):
    """It is free as soon as the client has its text."""
    with serve(waiting=0) as served, served.client() as client:
        text = served.expected(prompt_of(6), 1)[0]
        assert [create(client, 6, stream=index % 2 == 0, count=1) for index in range(20)] == [text] * 20


def test_half_a_body_takes_no_place(serve):
    with serve(waiting=0) as served, send(served, 100, b"{"), served.client() as client:
        assert create(client, 6) == served.expected(prompt_of(6), 4)[0]


def test_a_failure_is_told_and_the_next_text_begins_anew(serve, caplog):
    with serve() as served, served.client() as client:
        expected = create(client, 1)
        served.device.failure = DeviceError("the run did not finish")
        with pytest.raises(openai.InternalServerError, match="the accelerator failed: the run did not finish"):
            create(client, 1)
        with pytest.raises(openai.APIError, match="the run did not finish"):
            create(client, 1, stream=True)
        served.device.failure = None
        assert create(client, 1) == expected
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert not any(record.exc_info for record in caplog.records)


def test_a_fault_of_the_program_is_told_as_well(serve, caplog):
    with serve() as served, served.client() as client:
        served.device.failure = KeyError("x")
        with pytest.raises(openai.InternalServerError):
            create(client, 1)
        served.device.failure = None
        assert create(client, 1) == served.expected(prompt_of(1), 4)[0]
    (record,) = caplog.records
    assert record.exc_info[0] is KeyError


def test_the_end_is_told_to_everybody(held):
    """One is being answered, as a stream, two wait; the accelerator's run ends after its pass."""
    with begin(held, 1, max_tokens=24) as streaming, held.client() as client, ThreadPoolExecutor(1) as clients:
        held.device.allow(2)
        read_until(streaming, b'"text"')
        waiting = clients.submit(create, client, 2)
        with begin(held, 3) as queued:
            held.until(lambda: places(held) == 3 and held.device.steps == 3)
            held.stop()
            assert b"shutting down" in read_until(streaming, b"0\r\n\r\n")
            assert b"shutting down" in read_until(queued, b"0\r\n\r\n")
        with pytest.raises(openai.InternalServerError, match="shutting down"):
            waiting.result()
        held.device.allow()
        held.queue.join()
        assert held.device.steps == 4 + 1 and held.device.starts == 1
