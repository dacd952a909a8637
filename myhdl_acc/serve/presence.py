"""Clients that do not wait for their answer."""

import asyncio

from starlette.requests import ClientDisconnect


async def while_there(receive, work):
    """The result of the coroutine ``work``; cancels it and raises ClientDisconnect once the client has gone.

    ``receive`` is the request's, after its body.
    """
    tasks = [asyncio.ensure_future(each) for each in (work, _gone(receive))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise ClientDisconnect
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass
