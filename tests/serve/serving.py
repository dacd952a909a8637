"""A server in this process, before a golden device that can be held."""

import contextlib
import http.client
import json
import threading
import time

import openai

from golden.decoder import Decoder
from golden.lambda_attention import LambdaRule
from golden.llm.text_stream import TextStream
from golden.units.sampling import GREEDY
from myhdl_acc.driver import GoldenDevice
from myhdl_acc.driver.batch import BatchAccelerator
from myhdl_acc.rtl.control.register_map import OFFSETS
from myhdl_acc.serve.app import make_app
from myhdl_acc.serve.batch_queue import BatchQueue
from myhdl_acc.serve.endpoint import Limits
from myhdl_acc.serve.queue import Queue
from myhdl_acc.serve.served_accelerator import ServedAccelerator
from myhdl_acc.serve.server import Server, listen
from myhdl_acc.serve.writer import BatchWriter, Writer

SIZES = {"vocab": 37, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}
RULE = LambdaRule(2, 14)
LIMITS = Limits(body=10_000, prompt=20, answer=24)
USER, MODEL = chr(0x4E00 + 35), chr(0x4E00 + 36)
TEMPLATE = f"""{{% for m in messages %}}{{% if m.role == 'user' %}}{USER}{{{{ m.content }}}}{MODEL}
{{%- else %}}{{{{ m.content }}}}{{% endif %}}{{% endfor %}}"""
SECONDS = 120  # for what should take none: a busy machine is slow


def letters(*tokens):
    """The text of token numbers of the tiny model."""
    return "".join(chr(0x4E00 + token) for token in tokens)


class HeldDevice(GoldenDevice):
    """A golden device that makes ``allow``ed steps only, once it is ``hold``ing: a step ends with a token, or with the
    run. ``failure`` is raised instead. ``steps`` and ``starts`` count."""

    def __init__(self, config):
        super().__init__(config)
        self.steps = self.starts = 0
        self.failure = None
        self._allowed = None

    def hold(self):
        self._allowed = threading.Semaphore(0)

    def allow(self, steps=1_000_000):
        if self._allowed is not None:
            self._allowed.release(steps)

    def write_register(self, offset, value):
        super().write_register(offset, value)
        self.starts += offset == OFFSETS["ctrl"]

    def advance(self):
        self.steps += 1
        if self._allowed is not None:
            assert self._allowed.acquire(timeout=SECONDS)
        if self.failure is not None:
            raise self.failure
        return super().advance()


class Served:
    """A running server, and what is behind it."""

    def __init__(self, model, device, config, waiting=64, limits=LIMITS, rule=RULE, name="tiny", batch=0):
        self.model, self.device = model, device
        accelerator = BatchAccelerator(device, config, batch) if batch else ServedAccelerator(device, config)
        accelerator.load(model, rule)
        ends = model.tokenizer.rules.end
        self.queue = BatchQueue(accelerator, waiting, ends) if batch else Queue(accelerator, waiting)
        kind = BatchWriter if batch else Writer
        self.socket = listen("127.0.0.1", 0)
        self.port = self.socket.getsockname()[1]
        self.server = Server(make_app(kind(name, model, accelerator), self.queue, limits), self.queue)
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if isinstance(self.device, HeldDevice):
            self.device.allow()
        self.queue.join()
        self.socket.close()

    def stop(self):
        """As a signal does."""
        self.server.should_exit = True
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    @contextlib.contextmanager
    def client(self):
        """A client of OpenAI's."""
        address = f"http://127.0.0.1:{self.port}/v1"
        with openai.OpenAI(base_url=address, api_key="none", max_retries=0, timeout=SECONDS) as client:
            yield client

    def raw(self, method, path, body, headers):
        """(status, body, headers) of a plain request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()

    def request(self, method, path, body=None, **headers):
        """(status, JSON, headers) of a request that says that it is JSON."""
        status, answer, found = self.raw(method, path, body, {"Content-Type": "application/json"} | headers)
        return status, json.loads(answer), found

    def ask(self, path, **parameters):
        """(status, JSON) of a request for a text."""
        body = parameters if isinstance(parameters, bytes) else json.dumps({"model": "tiny"} | parameters)
        return self.request("POST", f"/v1/{path}", body)[:2]

    def until(self, condition):
        """Wait until ``condition()`` holds."""
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.01)

    def expected(self, prompt, count, stops=(), sampling=GREEDY):
        """(text, tokens) that the golden decoder alone writes after the tokens ``prompt``."""
        decoder = Decoder(self.model, sinks=RULE.sinks, window=RULE.window, rows=16)
        stream, tokens = TextStream(self.model.tokenizer, prompt, stops), []
        for token in decoder.generate(prompt, count, sampling=sampling):
            tokens.append(token)
            if token in self.model.tokenizer.rules.end:
                break
            stream.put(token)
            if stream.stopped:
                break
        stream.close()
        return stream.text, tokens
