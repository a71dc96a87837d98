"""Serves what others reach over HTTP: the webhooks of providers and the page behind links to pay (`--app hooks`).

It listens on this machine only unless told; put a proxy with TLS before it, at the address that `[hooks] url` names. Everything that was
heard is written before it is answered. Ctrl-C ends it. Needs the extra `server`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = "--app hooks"
EXTRA = "server"
EXAMPLES = """\
  einvoice serve --app hooks
  einvoice serve --app hooks --host 0.0.0.0 --port 8443
"""
APPS = ("hooks",)
_WAITING = 512


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
    from einvoice.cli.receivables.common import clock, opened
    from einvoice.errors import SettingsError
    from einvoice.settings import current

    try:
        import uvicorn

        from einvoice.serving.hooks import app
    except ModuleNotFoundError as fault:
        mend = "pip install 'einvoice-toolkit[server,receivables]'"
        raise SettingsError(f"serving needs {fault.name}, which is not installed: {mend}") from None
    settings = current()
    if settings.hooks.url is None:
        raise SettingsError("[hooks] url is not set; write there the https address at which this server is reached")
    with opened(settings) as engine:
        config = uvicorn.Config(
            app(engine, settings, clock),
            host=options.host,
            port=options.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=options.proxy,
            timeout_graceful_shutdown=20,
        )
        listening = config.bind_socket()
        listening.listen(_WAITING)  # who reads the line below may call at once
        print(f"listening on http://{options.host}:{listening.getsockname()[1]}, reached at {settings.hooks.url}", flush=True)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:  # which ends it
            return 0
    return 0
