"""Renders one chat template: JSON {"template", "values"} on stdin; JSON {"text"} or {"error"} on stdout.

A program of its own, which chat_template.py starts: limits of a process end what a sandbox inside Python cannot, such
as ``10 ** (10 ** 9)``.
"""

import datetime
import json
import resource
import sys

_SECONDS = 5  # of the processor
_BYTES = 512 << 20  # of memory
_TEXT = 1 << 24  # characters of the result


def main():
    """Answer the request on stdin."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    request = json.load(sys.stdin)
    try:
        answer = {"text": _render(**request)}
    except MemoryError:
        answer = {"error": "it needs too much memory"}
    except Exception as error:  # whatever a template does wrong
        answer = {"error": " ".join(f"{error or type(error).__name__}".split())[:300]}
    json.dump(answer, sys.stdout)


def _render(template, values):
    size, parts = 0, []
    template = _environment().from_string(template)
    for part in template.generate(**values, add_generation_prompt=True, tools=None, documents=None):
        size += len(part)
        if size > _TEXT:
            raise ValueError(f"it writes more than {_TEXT} characters")
        parts.append(part)
    return "".join(parts)


def _environment():
    """The environment that templates are written for: that of the `transformers` library."""
    from jinja2 import TemplateError, nodes
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """``{% generation %}`` marks what the model wrote, for training; here it changes nothing."""

        tags = {"generation"}

        def parse(self, parser):
            line = next(parser.stream).lineno
            return nodes.Scope(parser.parse_statements(["name:endgeneration"], drop_needle=True), lineno=line)

    def raise_exception(message):
        raise TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )  # Jinja's own escapes HTML

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.datetime.now().strftime(form)
    return environment


if __name__ == "__main__":
    main()
