"""The web application: what is where."""

import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from myhdl_acc.serve.chat import Chat
from myhdl_acc.serve.completion import Completion
from myhdl_acc.serve.endpoint import Endpoint
from myhdl_acc.serve.refused import Refused, refuse, refuse_failure, refuse_http


def make_app(writer, queue, limits):
    """The ASGI application that serves ``writer`` (Writer) through ``queue`` (Queue), within ``limits`` (Limits)."""
    about = {"id": writer.name, "object": "model", "created": int(time.time()), "owned_by": "myhdl_acc"}

    async def models(_):
        return JSONResponse({"object": "list", "data": [about]})

    async def model(request):
        writer.require(request.path_params["model"])
        return JSONResponse(about)

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/v1/models/{model:path}", model),
            Route("/v1/chat/completions", Endpoint(Chat, writer, queue, limits), methods=["POST"]),
            Route("/v1/completions", Endpoint(Completion, writer, queue, limits), methods=["POST"]),
        ],
        exception_handlers={Refused: refuse, HTTPException: refuse_http, Exception: refuse_failure},
    )
