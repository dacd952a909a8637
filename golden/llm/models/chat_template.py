"""What a model reads of a conversation: its Jinja chat template, rendered as the `transformers` library does.

A template comes with a model, so it is a stranger's program. It runs sandboxed in a process of its own
(template_process.py), with bounded time, memory and output.
"""

import json
import os
import re
import subprocess
import sys

from golden.errors import InputError

_PROGRAM = os.path.join(os.path.dirname(__file__), "template_process.py")
_HALVES = re.compile("[\ud800-\udfff]")  # which JSON can hold and UTF-8 cannot
_SECONDS = 60.0  # the process has a few seconds of the processor; it may have to wait for them


def chat_prompt(tokenizer, messages):
    """Token numbers that a model of ``tokenizer`` is fed to answer ``messages`` ({"role", "content"} each).

    Nothing is put before what the template writes: a template that wants BOS writes it itself. Raises InputError as
    chat_text() does.
    """
    tokens = tokenizer.encode(chat_text(tokenizer, messages))
    if not tokens:
        raise InputError("the model's chat template makes nothing of the conversation")
    return tokens


def chat_text(tokenizer, messages):
    """What the template of ``tokenizer`` makes of ``messages``. Raises InputError for a model without template, and for
    a template that fails or needs too much time or memory."""
    require_template(tokenizer)
    rules = tokenizer.rules
    values = {"messages": messages, "bos_token": rules.bos, "eos_token": rules.eos}
    try:
        request = json.dumps({"template": rules.template, "values": values}).encode()
        # -P: Python looks for modules where they are installed, not beside the program.
        done = subprocess.run(
            [sys.executable, "-P", _PROGRAM], input=request, capture_output=True, timeout=_SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise InputError("the model's chat template needs too much time or memory") from None
    if "error" in answer:
        raise InputError(f"the model's chat template fails: {answer['error']}")
    if _HALVES.search(answer["text"]):
        raise InputError("the conversation, or what the model's chat template makes of it, holds halves of characters")
    return answer["text"]


def require_template(tokenizer):
    """Raise InputError for a model without chat template."""
    if tokenizer.rules.template is None:
        raise InputError("the model has no chat template; it continues texts, but was not made for conversations")
