"""The server that providers and payers reach: `/hooks/NAME` hears providers, `/pay/TOKEN` is the page behind a link to pay.

It only carries requests to `incoming.hearing.receive` and answers back. What a provider signs is the address as it called it, which a proxy
may have changed on the way here: it is made anew from `[hooks] url`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from einvoice.database import reading
from einvoice.receivables import law
from einvoice.receivables.incoming import hearing, port
from einvoice.receivables.incoming.hooks.installed import hooks as installed
from einvoice.serving import pay
from einvoice.settings import Settings

_log = logging.getLogger(__name__)
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def app(engine: Engine, settings: Settings, clock: Callable[[], datetime]) -> Starlette:
    """The application.

    Raises SettingsError where a secret leads to nothing.
    """
    desk = _Desk(engine, settings, clock)
    routes = [
        Route("/hooks/{name}", desk.hear, methods=["GET", "POST"], name="hooks"),
        Route("/health", desk.health, methods=["GET"], name="health"),
        *pay.routes(engine, settings, clock),
    ]
    return Starlette(routes=routes)


class _Desk:
    """What is needed to hear somebody: the database, the hooks, the law, the clock."""

    def __init__(self, engine: Engine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._hooks = installed(settings)
        self._law = law.load()

    async def hear(self, request: Request) -> Response:
        """Carries a call to its hook."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > hearing.MOST_BODY:
                return PlainTextResponse("it is too long", 413, headers=_HEADERS)
        headers = {name.lower(): value for name, value in request.headers.items()}
        made = port.Request(request.method, self._address(request), headers, body)
        return await run_in_threadpool(self._heard, str(request.path_params["name"]), made)

    def _heard(self, name: str, request: port.Request) -> Response:
        answer = hearing.receive(self._engine, self._hooks, name, request, self._clock(), law=self._law, settings=self._settings)
        more = {"Location": answer.location} if answer.location else {}
        return Response(answer.body, answer.status, {**_HEADERS, **more}, answer.type)

    def _address(self, request: Request) -> str:
        """The address as the provider called it."""
        query = f"?{request.url.query}" if request.url.query else ""
        base = self._settings.hooks.url
        return f"{base.rstrip('/')}{request.url.path}{query}" if base else str(request.url)

    async def health(self, _request: Request) -> Response:
        """Whether the database answers."""
        try:
            await run_in_threadpool(self._look)
        except Exception:
            _log.exception("the database does not answer")
            return PlainTextResponse("the database does not answer", 503, headers=_HEADERS)
        return PlainTextResponse("well", headers=_HEADERS)

    def _look(self) -> None:
        with reading(self._engine) as connection:
            connection.exec_driver_sql("SELECT 1")
