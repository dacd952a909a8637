"""The process around the web application: its socket, its signals, its end."""

import socket

import uvicorn

from golden.errors import InputError

_BACKLOG = 2048  # connections that the system keeps until they are accepted
_GRACE = 5  # seconds for answers on their way when the server ends


def listen(host, port):
    """A socket that listens on ``host`` and ``port``, 0 for a free one. Raises InputError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InputError(f"cannot listen on {host}, port {port}: {error.strerror}") from None


class Server(uvicorn.Server):
    """Serves ``app`` on a socket (``run(sockets=[…])``) until SIGINT or SIGTERM; these come back when it has ended.

    Whoever waits in ``queue`` (Queue) then is told so at once.
    """

    def __init__(self, app, queue):
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                backlog=_BACKLOG,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._queue = queue

    async def shutdown(self, sockets=None):
        self._queue.close()
        await super().shutdown(sockets)
