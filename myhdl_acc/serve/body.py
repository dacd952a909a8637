"""The body of a request."""

import asyncio

from myhdl_acc.serve.refused import Refused

_SECONDS = 60  # in which it must have come


async def read_body(request, most):
    """The JSON text (bytes) of a request. Raises Refused where it is no JSON by its own word, has more than ``most``
    bytes, or does not come.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # what a browser lets any page send is none
        raise Refused(415, "the Content-Type must be application/json")
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise Refused(413, f"the body has more than {most:,} bytes")
    except TimeoutError:
        raise Refused(408, "the body did not come in time", headers={"Connection": "close"}) from None
    return bytes(body)
