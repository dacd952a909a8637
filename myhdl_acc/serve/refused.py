"""Requests that are not answered, and how they are told so: in the shape that OpenAI's clients read."""

from starlette.responses import JSONResponse

BAD_REQUEST = "invalid_request_error"


class Refused(Exception):
    """An error of HTTP ``status``; ``param`` is the parameter that is wrong, ``code`` a word for programs."""

    def __init__(self, status, message, kind=BAD_REQUEST, param=None, code=None, headers=None):
        super().__init__(message)
        self.status, self.headers = status, headers
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def bad_request(message, param=None):
    """Of a request that is wrong in itself."""
    return Refused(400, message, param=param)


def queue_full(places):
    """Of a request that nobody has room for."""
    message = f"all {places} places are taken: one is being answered, the others wait; try again later"
    return Refused(429, message, "rate_limit_error", code="queue_full", headers={"Retry-After": "1"})


def closing():
    """Of a request that came too late."""
    return Refused(503, "the server is shutting down", "server_error", code="shutting_down")


def failed(error):
    """Of an accelerator that raised ``error``."""
    return Refused(500, f"the accelerator failed: {error}", "server_error", code="accelerator_failed")


def refuse(_, refused):
    """The response to a request that was Refused."""
    return JSONResponse(refused.body, refused.status, headers=refused.headers)


def refuse_http(request, error):
    """The response to what Starlette itself refuses: paths and methods."""
    message = f"{request.method} {request.url.path}: {error.detail}"
    return refuse(request, Refused(error.status_code, message, headers=error.headers))


def refuse_failure(request, _):
    """The response where this program is wrong; what is, stands in its log."""
    return refuse(request, Refused(500, "internal error", "server_error"))
