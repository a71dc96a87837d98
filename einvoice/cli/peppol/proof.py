"""Writes the evidence of a message, sent or received, into one zip: document, envelope, the bytes that were sent, receipt, certificates.

A manifest states the hash of each, and a text how to verify it without this program; `--verify` does it with it, against the trust anchors
that are installed (`einvoice peppol trust`). A number is one of what went out, with `--inbox` of what came in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common_options

if TYPE_CHECKING:
    from einvoice_peppol.pki.identity import Trust

USAGE = "ID | --verify ZIP"
EXAMPLES = """\
  einvoice peppol proof 17 -o proof.zip
  einvoice peppol proof 4 --inbox -o received.zip
  einvoice peppol proof --verify proof.zip
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol proof` understands."""
    parser.add_argument(
        "message", metavar="ID", nargs="?", help="the number of a message, its message id, or the instance id of its envelope"
    )
    parser.add_argument("--inbox", action="store_true", help="the number is one of what came in")
    parser.add_argument("--verify", metavar="ZIP", help="verify an archive instead")
    common_options.output(parser)
    common_options.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Writes or verifies; 1 where a step of the proof does not hold, 2 where one could not be looked at."""
    from einvoice.errors import PeppolError

    if (options.message is None) == (options.verify is None):
        raise PeppolError("name a message, or an archive to verify: einvoice peppol proof 17 -o proof.zip")
    return _verify(options) if options.verify else _write(options)


def _write(options: Namespace) -> int:
    import os

    from einvoice.cli.peppol.common import opened
    from einvoice.database import reading
    from einvoice.errors import PeppolError
    from einvoice.settings import current
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.sending import proof

    settings = current()
    path = Path(options.output or f"peppol-{options.message}.zip".replace("/", "_"))
    if path.exists() and not options.force:
        raise PeppolError(f"{path} is there already; name another file, or replace it with --force")
    part = path.with_name(f"{path.name}.part")
    try:
        with opened(settings) as engine, reading(engine) as connection, part.open("wb") as into:
            facts = proof.write(connection, options.message, into, bodies=spool(settings), inbox=options.inbox)
        os.replace(part, path)  # noqa: PTH105 - over what is there
    finally:
        part.unlink(missing_ok=True)
    _say(options, str(path), facts)
    return 0


def _say(options: Namespace, path: str, facts: dict[str, object]) -> None:
    from einvoice.cli.printing import json_text

    if options.format == "json":
        print(json_text({"file": path, **facts}, indent=1))
        return
    receipt = "with its receipt" if "receipt" in facts else f"without a receipt, for it is {facts['state']}"
    from einvoice.rendering.values import clean

    print(clean(f"{path}: {facts['kind']} {facts['message_id'] or facts['instance_id']}, {receipt}"))


def _verify(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice_peppol.sending import proof

    checks = proof.verify(Path(options.verify), _trust())
    words = {True: "holds", False: "DOES NOT HOLD", None: "not looked at"}
    if options.format == "json":
        print(json_text([check._asdict() for check in checks], indent=1))
    else:
        from einvoice.rendering.values import clean

        for check in checks:
            print(clean(f"{words[check.holds]:14} {check.name}: {check.found}").replace("\n", " "))
    verdicts = {check.holds for check in checks}
    return 2 if None in verdicts and False not in verdicts else int(False in verdicts)


def _trust() -> Trust | None:
    """Whoever judges certificates; None where no anchors are installed."""
    from einvoice.errors import CertificateError, SettingsError
    from einvoice.settings import current
    from einvoice_peppol.http import Client
    from einvoice_peppol.pki import trusting

    try:
        return trusting.load(current().peppol, Client())
    except (CertificateError, SettingsError):
        return None
