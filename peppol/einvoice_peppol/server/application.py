"""The ASGI application: `POST /as4` receives, `GET /health` and `GET /metrics` tell how it is.

It carries bodies in and answers out. Messages are judged in threads, so that no large one keeps others waiting; they are kept by one
thread (`committing`), and answered only then. What is not kept has no receipt: the other side sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from typing import BinaryIO

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from einvoice.errors import DatabaseError, NotChecked
from einvoice_peppol.as4 import ebms
from einvoice_peppol.server import body
from einvoice_peppol.server.committing import Committer
from einvoice_peppol.server.desk import Desk, Judged, Means
from einvoice_peppol.server.looking import Looking
from einvoice_peppol.server.metrics import TYPE, Metrics
from einvoice_peppol.server.turns import Turns
from einvoice_peppol.server.worker import Worker

AT_ONCE = 256
"""Messages that are taken in and judged at the same time, in less than 1 MB of memory each; others wait for their turn."""
_WAIT = 30.0
_LARGE = 1_000_000
"""Bytes from which a message is judged by threads of its own."""
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_AGAIN = {**_HEADERS, "Retry-After": "60"}
_log = logging.getLogger(__name__)


def app(
    engine: Engine,
    means: Means,
    clock: Callable[[], datetime],
    *,
    pace: body.Pace | None = None,
    at_once: int = AT_ONCE,
    more: Sequence[Route] = (),
) -> Starlette:
    """The application. Its threads run from the start of its lifespan to its end, which waits for what is under way.

    `more` are routes of others beside these, such as those of `hooks`.
    """
    server = _Server(engine, means, clock, pace or body.Pace(), at_once)
    routes = [
        Route("/as4", server.receive, methods=["POST"], name="as4"),
        Route("/as4", server.greet, methods=["GET"], name="as4-greeting"),
        Route("/health", server.health, methods=["GET"], name="health"),
        Route("/metrics", server.metrics, methods=["GET"], name="metrics"),
        *more,
    ]
    return Starlette(routes=routes, lifespan=server.life)


class _Server:
    """What the routes share."""

    def __init__(self, engine: Engine, means: Means, clock: Callable[[], datetime], pace: body.Pace, at_once: int) -> None:
        self._turns = Turns(engine)
        self._means = means
        self._clock = clock
        self._pace = pace
        self._desk = Desk(means, clock)
        self._looking = Looking(engine, means.own, means.bodies, clock)
        self._metrics = Metrics()
        self._places = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def life(self, _app: Starlette) -> AsyncIterator[None]:
        """Starts the threads, and ends them."""
        await run_in_threadpool(self._means.bodies.tidy)
        self._small = ThreadPoolExecutor((os.cpu_count() or 1) + 1, "peppol-judge")
        self._large = ThreadPoolExecutor(2, "peppol-judge-large")
        self._committer = Committer(self._turns, self._clock)
        self._worker = Worker(self._turns, self._means, self._clock)
        try:
            yield
        finally:
            await run_in_threadpool(self._close)

    def _close(self) -> None:
        self._small.shutdown()
        self._large.shutdown()
        self._committer.close()
        self._worker.close()

    async def receive(self, request: Request) -> Response:
        """Receives a message."""
        began = perf_counter()
        self._metrics.under_way += 1
        try:
            answer = await self._placed(request)
        finally:
            self._metrics.under_way -= 1
        self._metrics.took(perf_counter() - began)
        return answer

    async def _placed(self, request: Request) -> Response:
        try:
            await asyncio.wait_for(self._places.acquire(), _WAIT)
        except TimeoutError:
            return self._unanswered("busy", "too many messages at once; send it again later", 503)
        try:
            return await self._received(request)
        finally:
            self._places.release()

    async def _received(self, request: Request) -> Response:
        most = self._means.limits.size
        try:
            if int(request.headers.get("content-length") or 0) > most:
                raise body.TooLarge
            stream, size = await body.take(request.stream(), most, self._pace, self._means.bodies)
        except body.TooLarge:
            return await self._refused(ebms.Refused(ebms.OTHER, f"more than {most:,} bytes are not taken"), 413)
        except body.TooSlow:
            return self._unanswered("too_slow", "the message came too slowly; send it again", 408)
        except ClientDisconnect:
            return self._unanswered("broken_off", "", 400)
        except ValueError:
            return self._unanswered("broken_off", "Content-Length is no number", 400)
        except OSError:
            _log.exception("the spool cannot be written")
            return self._unanswered("spool", "the message could not be kept; send it again later", 503)
        return await self._judged(request.headers.get("content-type", ""), stream, size)

    async def _judged(self, content_type: str, stream: BinaryIO, size: int) -> Response:
        loop = asyncio.get_running_loop()
        pool = self._large if size > _LARGE else self._small
        try:
            judged = await loop.run_in_executor(pool, self._judge, content_type, stream)
            return await self._kept(judged)
        except ebms.Refused as refused:
            return await self._refused(refused)
        except NotChecked as fault:
            _log.warning("a message waits: %s", fault)
            return self._unanswered("revocation", "our check of your certificate cannot be made now; send it again later", 503)
        except (DatabaseError, OSError) as fault:
            _log.error("a message could not be kept: %s", fault)  # it says all
            return self._unanswered("database" if isinstance(fault, DatabaseError) else "spool", _LATER, 503)
        except Exception:
            _log.exception("a message could not be kept")
            return self._unanswered("fault", _LATER, 500)

    async def _refused(self, refused: ebms.Refused, status: int = 200) -> Response:
        """The signal that says why."""
        self._metrics.count("refused", refused.error.code)
        return _signal(await asyncio.get_running_loop().run_in_executor(self._small, self._desk.error, refused), status)

    async def _kept(self, judged: Judged) -> Response:
        """The receipt, once the message is committed."""
        kept = await asyncio.wrap_future(self._committer.keep(judged.came, judged.receipt))
        if not kept.repeated:
            self._metrics.count("received")
            self._worker.wake()
        else:
            self._metrics.count("repeated", "document" if kept.receipt == judged.receipt else "message")
        return _signal((judged.type, kept.receipt or judged.receipt))

    def _judge(self, content_type: str, stream: BinaryIO) -> Judged:
        """Raises Refused, also for what no check foresaw: it is logged, and the message is not taken."""
        with stream:
            try:
                return self._desk.judge(content_type, stream)
            except (ebms.Refused, OSError, NotChecked):
                raise
            except Exception as fault:
                _log.exception("a message could not be judged")
                raise ebms.Refused(ebms.OTHER, "the message could not be judged") from fault

    def _unanswered(self, reason: str, words: str, status: int) -> Response:
        self._metrics.count("unanswered", reason)
        return PlainTextResponse(words, status, headers=_AGAIN if status == 503 else _HEADERS)

    async def greet(self, _request: Request) -> Response:
        """Tells a person who looks here what this is."""
        words = f"This is an AS4 endpoint of the Peppol network, {self._means.own.seat}. It takes messages by POST."
        return PlainTextResponse(words, 405, headers={**_HEADERS, "Allow": "POST"})

    async def health(self, _request: Request) -> Response:
        """Whether messages can be received."""
        found = await run_in_threadpool(self._looking.look)
        return JSONResponse(found.as_json(), 200 if found.is_well else 503, headers=_HEADERS)

    async def metrics(self, _request: Request) -> Response:
        """What was counted."""
        try:
            inbox = await run_in_threadpool(self._looking.inbox)
        except DatabaseError:
            inbox = {}  # the counters are told all the same
        return Response(self._metrics.text(inbox, self._looking.days()), headers=_HEADERS, media_type=TYPE)


_LATER = "the message could not be kept; send it again later"


def _signal(answer: tuple[str, bytes], status: int = 200) -> Response:
    return Response(answer[1], status, headers={**_HEADERS, "Content-Type": answer[0]})
