"""Webhooks of hosted access points: `POST /peppol/hooks/NAME`.

A webhook is heard only where its provider's signature, or our secret in its address, is right. It is answered with 204 after what it
tells is committed; where that cannot be done now the answer is 503, and the provider sends it again. Polling (`einvoice peppol run`)
finds the same things without webhooks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from einvoice.database import connect, reading
from einvoice.errors import DatabaseError, EInvoiceError, PeppolError, SettingsError, TransportError
from einvoice.outbox import mode
from einvoice.settings import Settings
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import Client
from einvoice_peppol.inbox import hosted as inbox
from einvoice_peppol.providers import installed
from einvoice_peppol.providers.hooks import check_address
from einvoice_peppol.providers.port import Call, News, Provider, Untrusted
from einvoice_peppol.sending import PeppolOwner, hosted, rows
from einvoice_peppol.sending.running import owners
from einvoice_peppol.server import body

MOST, MOST_UNTRUSTED = 50_000_000, 1_000_000
"""Bytes of a webhook whose address carries our secret, which may hold the document itself; and of one that is still to be believed."""
AT_ONCE = 4
_WAIT = 30.0
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_log = logging.getLogger(__name__)


def app(engine: Engine, settings: Settings, bodies: Bodies, clock: Callable[[], datetime]) -> Starlette:
    """An application of webhooks alone, for companies without an access point of their own: with `GET /health`."""
    hooks = Hooks(engine, settings, bodies, clock)
    return Starlette(routes=[hooks.route(), Route("/health", hooks.health, methods=["GET"], name="health")])


class Hooks:
    """Hears webhooks."""

    def __init__(self, engine: Engine, settings: Settings, bodies: Bodies, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._settings = settings
        self._bodies = bodies
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    def route(self) -> Route:
        """The route."""
        return Route("/peppol/hooks/{name}", self.hear, methods=["POST"], name="peppol-hooks")

    async def hear(self, request: Request) -> Response:
        """Hears one."""
        name = str(request.path_params["name"])
        if not installed.is_named(name, self._settings):
            return _answer("no hosted access point of that name is set up here", 404)
        try:
            await asyncio.wait_for(self._places.acquire(), _WAIT)
        except TimeoutError:
            return _answer("too many at once; send it again", 503)
        try:
            stream, _ = await body.take(request.stream(), self._most(name, str(request.url)), body.Pace(), self._bodies)
            with stream:
                data = stream.read()
            headers = {header.lower(): value for header, value in request.headers.items()}
            return await run_in_threadpool(self._heard, name, Call(headers, data, str(request.url)))
        except body.TooLarge:
            return _answer("it is too long", 413)
        except (body.TooSlow, ClientDisconnect):
            return _answer("it came too slowly, or broke off", 408)
        finally:
            self._places.release()

    def _most(self, name: str, url: str) -> int:
        """How many bytes are taken in."""
        try:
            check_address(installed.webhook_secret(name, self._settings), Call({}, b"", url), name)
        except EInvoiceError:
            return MOST_UNTRUSTED
        return MOST

    def _heard(self, name: str, call: Call) -> Response:
        """What a webhook leads to, and the answer."""
        client = Client()
        try:
            provider = installed.provider(name, self._settings, lambda: client)
            assert provider is not None
            with reading(self._engine) as connection:
                is_live = mode.effective(connection, self._settings.sending).takes(rows.CHANNEL)
            return self._answered(provider, call, is_live=is_live)
        except Untrusted as fault:
            _log.warning("%s", fault)
            return _answer("it is not signed", 401)
        except (TransportError, DatabaseError, SettingsError, OSError) as fault:
            _log.warning("a webhook of %s waits: %s", name, fault)
            return _answer("it cannot be taken now; send it again", 503)
        except PeppolError as fault:
            _log.warning("a webhook of %s is not understood: %s", name, fault)
            return _answer("it is not understood", 400)
        except Exception:
            _log.exception("a webhook of %s could not be heard", name)
            return _answer("it could not be heard", 500)
        finally:
            client.close()

    def _answered(self, provider: Provider, call: Call, *, is_live: bool) -> Response:
        news = provider.hear(call, self._clock())
        if not is_live:
            return _answer("nothing is done here while the mode is not live; send it again", 503)
        kept = [self._kept(provider, one) for one in news]
        return Response(status_code=204, headers=_HEADERS) if all(kept) else _answer("not all of it could be taken; send it again", 503)

    def _kept(self, provider: Provider, news: News) -> bool:
        """Keeps one; False where it has to come again: its document could not be taken, or is not known by its id yet."""
        if news.outcome is not None:
            with connect(self._engine) as connection:
                return hosted.hear(connection, provider.name, news, self._clock(), owners(PeppolOwner()))
        ids = [news.id] if news.id else provider.waiting()
        return not inbox.take(self._engine, provider, ids, self._bodies, self._clock)["refused"]

    async def health(self, _request: Request) -> Response:
        """Whether the database answers."""
        try:
            await run_in_threadpool(self._look)
        except EInvoiceError:
            return JSONResponse({"database": "does not answer"}, 503, headers=_HEADERS)
        return JSONResponse({"database": "well"}, headers=_HEADERS)

    def _look(self) -> None:
        with reading(self._engine) as connection:
            connection.exec_driver_sql("SELECT 1")


def _answer(words: str, status: int) -> Response:
    return PlainTextResponse(words, status, headers=_HEADERS)
