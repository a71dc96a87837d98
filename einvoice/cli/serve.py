"""Serves what others reach over HTTP: the webhooks of providers and the page behind links to pay (`--app hooks`), or the access point that
receives from the Peppol network (`--app peppol`: POST /as4, GET /health, GET /metrics; POST /peppol/hooks/NAME for the webhooks of a hosted
access point, which needs no certificate of our own).

It listens on this machine only unless told; put a proxy with TLS before it. What was heard or received is written before it is answered.
Ctrl-C ends it, after what is under way. Needs the extra `server`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.applications import Starlette

    from einvoice.settings import Settings

USAGE = "--app hooks|peppol"
EXTRA = "server"
EXAMPLES = """\
  einvoice serve --app hooks
  einvoice serve --app hooks --host 0.0.0.0 --port 8443
  einvoice serve --app peppol --port 8081
"""
APPS = {"hooks": "receivables", "peppol": "peppol"}
"""What can be served, and the extra that each needs besides `server`."""
_WAITING = 512
_MOST_CONNECTIONS = 1_000
_PATIENCE = 20


def options(parser: ArgumentParser) -> None:
    """What `serve` understands."""
    parser.add_argument("--app", choices=APPS, default="hooks", help="what to serve; hooks unless told")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen; this machine only unless told")
    parser.add_argument("--port", type=int, default=8080, metavar="NUMBER", help="8080 unless told; 0 is any that is free")
    parser.add_argument(
        "--proxy",
        default="127.0.0.1",
        metavar="ADDRESSES",
        help="proxies whose word on the caller's address counts; this machine unless told",
    )


def run(options: Namespace) -> int:
    """Serves until it is ended."""
    from einvoice.cli.receivables.common import opened
    from einvoice.errors import SettingsError
    from einvoice.settings import current

    settings = current()
    try:
        import uvicorn  # noqa: F401 - to see that it is there

        made, reached = (_peppol if options.app == "peppol" else _hooks)(settings)
    except ModuleNotFoundError as fault:
        if str(fault.name).startswith("einvoice"):
            raise
        mend = f"pip install 'einvoice-toolkit[server,{APPS[options.app]}]'"
        raise SettingsError(f"serving needs {fault.name}, which is not installed: {mend}") from None
    with opened(settings) as engine:
        _serve(made(engine), reached, options)
    return 0


def _serve(application: Any, reached: str, options: Namespace) -> None:
    import socket
    from contextlib import suppress

    import uvicorn

    config = uvicorn.Config(
        application,
        host=options.host,
        port=options.port,
        http=_protocol(),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=options.proxy,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=20,
    )
    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does so for sockets of its own; else answers wait 40 ms
    listening.listen(_WAITING)  # who reads the line below may call at once
    print(f"listening on http://{options.host}:{listening.getsockname()[1]}, {reached}", flush=True)
    with suppress(KeyboardInterrupt):  # which ends it
        uvicorn.Server(config).run(sockets=[listening])


def _hooks(settings: Settings) -> tuple[Any, str]:
    """What makes the application of hooks, and where it is reached."""
    from einvoice.cli.receivables.common import clock
    from einvoice.errors import SettingsError
    from einvoice.serving.hooks import app

    if settings.hooks.url is None:
        raise SettingsError("[hooks] url is not set; write there the https address at which this server is reached")
    return lambda engine: app(engine, settings, clock), f"reached at {settings.hooks.url}"


def _peppol(settings: Settings) -> tuple[Any, str]:
    """What makes the access point, and who it is; where we have none, what hears the webhooks of hosted ones."""
    from einvoice.cli.inbox.means import after, handlers
    from einvoice.cli.receivables.common import clock
    from einvoice.database import reading
    from einvoice.errors import SettingsError
    from einvoice_peppol.as4.receiving import Limits
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.http import Client
    from einvoice_peppol.inbox import browsing
    from einvoice_peppol.inbox.servicing import Servicing
    from einvoice_peppol.pki import identity_files, trusting
    from einvoice_peppol.providers import installed
    from einvoice_peppol.server import Means, app, hooks

    stated = settings.peppol
    hosted = [name for name in installed.SECTIONS if installed.is_named(name, settings)]
    if stated.certificate is None and hosted:
        return lambda engine: hooks.app(engine, settings, spool(settings), clock), f"for the webhooks of {', '.join(hosted)}"
    if not stated.participants:
        raise SettingsError("[peppol] participants is not set; name those that are received for, such as ['0208:0123456749']")
    own = identity_files.load(stated)
    means = Means(
        own,
        trusting.load(stated, Client()),
        spool(settings),
        Servicing(stated.participants, own.seat),
        handlers(settings),
        after(settings),
        Limits(size=stated.max_size),
    )

    def made(engine: Engine) -> Starlette:
        with reading(engine) as connection:
            browsing.counted(connection)  # a database without the tables is found now
        more = [hooks.Hooks(engine, settings, means.bodies, clock).route()] if hosted else []
        return app(engine, means, clock, more=more)

    return made, f"the access point {own.seat} of the {stated.network} network" + (f", reached at {stated.url}" if stated.url else "")


def _protocol() -> type[Any]:
    """HTTP/1.1 as uvicorn speaks it, to a client that sends its headers within a while."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Patient(H11Protocol):
        """Ends a connection that has stood for a while without a whole request, whatever dribbles in."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.loop.call_later(_PATIENCE, self._look)

        def _look(self) -> None:
            if cast("object", self.cycle) is None and not self.transport.is_closing():
                self.transport.close()

    return Patient
