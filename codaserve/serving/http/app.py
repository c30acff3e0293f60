"""From a request to the route that answers it, as an ASGI application.

Nothing here knows a dialect. A request is refused before its body is read wherever that can be told from its head; a
client that goes away ends the work that is done for it; and whatever goes wrong is told in the words of the route.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from pydantic import ValidationError

from codaserve.serving.access.client import Client, by_certificate, by_peer
from codaserve.serving.access.gate import Gate
from codaserve.serving.call import begin
from codaserve.serving.counts import Counts
from codaserve.serving.http.body import LATER_MS, Body, Disconnected, Receive, Room, skip
from codaserve.serving.http.messages import Answer, Message, Problem, ProblemError, detail
from codaserve.serving.http.route import Nothing, Route
from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.http.tls import SUBJECT
from codaserve.serving.metrics import RUNNING
from codaserve.serving.refusal import Refused, Why

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
CODES = {
    **{401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 405: "UNIMPLEMENTED"},
    **{408: "DEADLINE_EXCEEDED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"},
}
"""The gRPC status as which an HTTP status is counted; others by their class."""
UNKNOWN = "unknown"
"""The method as which calls of paths that do not exist are counted."""
STATUSES = {Why.UNAUTHENTICATED: 401, Why.INVALID: 422, Why.EXHAUSTED: 429, Why.STOPPING: 503}
SKIPPED_SECONDS, SKIPPED_BYTES = 5.0, 2**26
"""Of a body that is not wanted, how much is read on past."""
_LARGE_BYTES = 2**16
"""A larger body is parsed in a thread, so that others are still answered."""
_MOST_FAULTS = 16
_log = logging.getLogger(__name__)


class Application:
    """Answers requests by the routes of a server."""

    def __init__(self, routes: Iterable[Route[Any]], settings: HttpSettings, gate: Gate, *, log: bool = False) -> None:
        """Args:
        routes: No two with the same method and path.
        settings: The bounds.
        gate: Lets callers in, or not.
        log: Write a line for each request when it has been answered, but not for those of open routes.
        """
        self._routes = {(route.path, route.method): route for route in routes}
        self._methods: dict[str, list[str]] = {}
        for path, method in self._routes:
            self._methods.setdefault(path, []).append(method)
        self._counts = {path: Counts(path, log=log) for path in (UNKNOWN, *self._methods)}
        self._settings = settings
        self._gate = gate
        self._room = Room(settings.max_bodies_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the ASGI interface."""
        body = Body(receive, self._room, self._settings.max_body_bytes)
        route = self._routes.get((scope["path"], scope["method"]))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        call = begin(headers.get("x-request-id"))
        code, begun = "CANCELLED", time.perf_counter()
        RUNNING.inc()
        try:
            if "origin" in headers:
                raise ProblemError(Problem(403, "pages in a browser are not served, since any page could ask"))
            if route is None:
                answer = self._no_route(scope["path"])
            else:
                holder = None if route.open else self._gate.check(headers.get("authorization"))
                client = call.client = holder or _caller(scope)
                declared = int(headers["content-length"]) if "content-length" in headers else None
                content = await body.read(declared, self._settings.patience_seconds)
                unread = False
                answer = await _unless_disconnected(_answer(route, client, content), receive)
            code = _code(answer.status)
        except Disconnected:
            return
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever it is, it is told
            problem = _problem(error)
            answer = (detail if route is None else route.complain)(problem)
            code = _code(problem.status)
        finally:
            body.close()
            RUNNING.dec()
            if route is None or not route.open:  # as gRPC's health: probes would drown what is of interest
                path = UNKNOWN if scope["path"] not in self._counts else scope["path"]
                self._counts[path].add(code, time.perf_counter() - begun)
        await _send(answer, scope, send, None if not unread else receive)

    def _no_route(self, path: str) -> Answer:
        methods = self._methods.get(path)
        if methods is None:
            return detail(Problem(404, f"there is nothing at this path; known are {', '.join(sorted(self._methods))}"))
        refused = detail(Problem(405, f"this path takes {', '.join(methods)}"))
        return Answer(refused.status, refused.body, headers={"allow": ", ".join(methods)})


def _caller(scope: Scope) -> Client:
    """Who calls without a token."""
    shown = scope["state"].get(SUBJECT)
    host, port = scope["client"] or ("", 0)
    return by_peer(f"{host}:{port}") if shown is None else by_certificate(shown)


async def _answer(route: Route[Any], client: Client, content: bytes) -> Answer:
    if route.body is Nothing:
        return await route.handle(client, Nothing())
    try:
        if len(content) > _LARGE_BYTES:
            body: Message = await asyncio.to_thread(route.body.model_validate_json, content)
        else:
            body = route.body.model_validate_json(content)
    except ValidationError as error:
        raise ProblemError(_faults(error)) from None
    return await route.handle(client, body.sized(len(content)))


def _faults(error: ValidationError) -> Problem:
    found = error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_FAULTS]
    faults = [(one["loc"], one["msg"]) for one in found]
    first = ".".join(map(str, faults[0][0])) or "body"
    return Problem(422, f"{first}: {faults[0][1]}", faults)


def _problem(error: BaseException) -> Problem:
    match error:
        case asyncio.CancelledError():  # the port closes, and the time for running work is over
            return Problem(503, "the service is stopping; send the request elsewhere", retry_after_ms=LATER_MS)
        case ProblemError():
            return error.problem
        case Refused():
            return Problem(STATUSES[error.why], error.message, retry_after_ms=error.retry_after_ms)
    # Neither request nor answer is logged: they belong to whoever sent them.
    _log.error("a request failed", exc_info=error)
    return Problem(500, "the service failed on this request; its log says why")


def _code(status: int) -> str:
    if status < 400:
        return "OK"
    return CODES.get(status, "INVALID_ARGUMENT" if status < 500 else "UNKNOWN")


async def _unless_disconnected(work: Awaitable[Answer], receive: Receive) -> Answer:
    """What the work gives, unless its client goes away first: then it is cancelled, and Disconnected raised."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Disconnected
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(answer: Answer, scope: Scope, send: Send, unread: Receive | None) -> None:
    """Sends an answer; where the body was not read, the connection cannot be used any more."""
    headers = {"content-type": answer.kind, "content-length": str(len(answer.body)), **answer.headers}
    if answer.status == 401:
        headers["www-authenticate"] = "Bearer"
    if unread is not None:
        headers["connection"] = "close"
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body, "more_body": unread is not None})
    if unread is not None:
        await skip(unread, SKIPPED_SECONDS, SKIPPED_BYTES)
        await send({"type": "http.response.body", "body": b""})
