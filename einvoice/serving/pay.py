"""`/pay/TOKEN`: the page behind a link to pay. It shows what is open now, and begins a payment at a provider when it is pressed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Engine, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from einvoice.database import reading
from einvoice.receivables.paying import checkouts, links
from einvoice.receivables.paying.links import Asked
from einvoice.receivables.paying.port import Provider, Refused, Unavailable
from einvoice.receivables.paying.providers import providers
from einvoice.receivables.store.tables import CHECKOUTS, PAY_LINKS
from einvoice.rendering import house
from einvoice.rendering.style import Style
from einvoice.serving import pay_page
from einvoice.serving.pay_page import Page
from einvoice.serving.rates import Rate
from einvoice.settings import Settings

_log = logging.getLogger(__name__)
_LONGEST = 4_096
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Permissions-Policy": "interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
READS, PRESSES, ASKS = (60, 60), (10, 60), (1, 5)
"""How often in how many seconds one address may look at pages, press a button; how often providers are asked about one link."""


def routes(engine: Engine, settings: Settings, clock: Callable[[], datetime], known: Mapping[str, Provider] | None = None) -> list[Route]:
    """The routes of the page; `known` are the providers, those of the settings unless told.

    Raises SettingsError where a secret leads to nothing, RenderError where the house style is wrong.
    """
    desk = _Desk(engine, settings, clock, providers(settings) if known is None else known)
    return [
        Route("/pay/{token}", desk.look, methods=["GET"], name="pay"),
        Route("/pay/{token}", desk.press, methods=["POST"], name="pay-press"),
    ]


class _Desk:
    """What the page needs: the database, the providers, the house style, how often somebody may ask."""

    def __init__(self, engine: Engine, settings: Settings, clock: Callable[[], datetime], known: Mapping[str, Provider]) -> None:
        self._engine = engine
        self._base = settings.hooks.url
        self._clock = clock
        self._providers = known if self._base else {}
        self._style: Style = house.load(settings.rendering.templates).style
        self._reads, self._presses, self._asks = Rate(*READS), Rate(*PRESSES), Rate(*ASKS)

    async def look(self, request: Request) -> Response:
        """Shows what is open now."""
        if not self._reads.takes(_who(request), monotonic()):
            return self._slow()
        return await run_in_threadpool(self._look, str(request.path_params["token"]), request.query_params.get("language"))

    async def press(self, request: Request) -> Response:
        """Begins a payment, from a form of this page only."""
        if not self._presses.takes(_who(request), monotonic()):
            return self._slow()
        if not _is_ours(request, self._base):
            return Response("this form belongs to another page", 403, headers=_HEADERS)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST:
                return Response("too long", 413, headers=_HEADERS)
        name = (parse_qs(body.decode("utf-8", "replace"), max_num_fields=10).get("provider") or [""])[0]
        return await run_in_threadpool(self._press, str(request.path_params["token"]), request.query_params.get("language"), name)

    def _look(self, token: str, language: str | None) -> Response:
        asked = self._asked(token)
        if asked is None:
            return self._missing()
        if self._under_way(asked) and self._asks.takes(token, monotonic()):
            checkouts.refresh(self._engine, self._providers, self._clock(), debtor=asked.debtor)
            asked = self._asked(token) or asked
        return self._shown(asked, language)

    def _press(self, token: str, language: str | None, name: str) -> Response:
        asked = self._asked(token)
        if asked is None:
            return self._missing()
        if name not in self._providers or self._base is None:
            return self._shown(asked, language, status=400)
        try:
            begun = checkouts.begin(self._engine, token, name, self._providers, self._base, self._clock())
        except checkouts.NothingOwed:
            return self._shown(self._asked(token) or asked, language)
        except checkouts.UnderWay:
            return self._shown(self._asked(token) or asked, language, "busy", 409)
        except (Refused, Unavailable) as fault:
            _log.warning("%s could not begin a payment: %s", name, fault)
            return self._shown(asked, language, "trouble", 503)
        spoken = pay_page.language_of(language, asked.language)
        return _answered(pay_page.onward(asked, spoken, self._style, self._providers[name].title, begun.url), 200)

    def _asked(self, token: str) -> Asked | None:
        with reading(self._engine) as connection:
            return links.asked(connection, token)

    def _shown(self, asked: Asked, language: str | None, notice: str | None = None, status: int = 200) -> Response:
        spoken = pay_page.language_of(language, asked.language)
        buttons = [(name, provider.title) for name, provider in self._providers.items()]
        pending = "pending" in self._under_way(asked)
        page = pay_page.asking(asked, spoken, self._style, buttons, notice, pending=pending)
        return _answered(page, status)

    def _under_way(self, asked: Asked) -> set[str]:
        """The states of the debtor's live checkouts."""
        of_debtor = select(PAY_LINKS.c.token).where(PAY_LINKS.c.debtor_id == asked.debtor)
        live = select(CHECKOUTS.c.state).where(CHECKOUTS.c.token.in_(of_debtor), CHECKOUTS.c.state.in_(checkouts.LIVE))
        with reading(self._engine) as connection:
            return set(connection.scalars(live))

    def _missing(self) -> Response:
        return _answered(pay_page.told("missing", "en", self._style), 404)

    def _slow(self) -> Response:
        answer = _answered(pay_page.told("slow", "en", self._style), 429)
        answer.headers["Retry-After"] = "60"
        return answer


def _answered(page: Page, status: int) -> Response:
    return Response(page.html, status, {**_HEADERS, "Content-Security-Policy": page.policy}, "text/html; charset=utf-8")


def _who(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _is_ours(request: Request, base: str | None) -> bool:
    """Whether a form was sent from a page of this site, as far as the browser says; what is no browser says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    hosts = {request.headers.get("host"), urlsplit(base).netloc if base else None}
    return urlsplit(origin).netloc in hosts
