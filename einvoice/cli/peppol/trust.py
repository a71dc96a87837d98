"""Says who is trusted in the network: installs the CAs of Peppol's PKI, lists them, removes them.

Nothing is trusted unseen: `install` shows what a file holds; only what is named by its SHA-256 fingerprint, compared with the one that
OpenPeppol publishes, is installed. A file is PEM, DER, PKCS #7 or a key store (PKCS #12, JKS), or a zip of these."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from einvoice.settings.peppol import Peppol

USAGE = "install|list|remove"
EXAMPLES = """\
  einvoice peppol trust install --from truststore.p12
  einvoice peppol trust install --from truststore.p12 --fingerprint 1F:0A:… --fingerprint 77:C3:…
  einvoice peppol trust list --network production
  einvoice peppol trust remove --fingerprint 1F:0A:…
"""
_SHOWN = (
    "only a person who compared the fingerprints with those that OpenPeppol publishes says so: repeat with --fingerprint SHA-256 for each"
)


def options(parser: ArgumentParser) -> None:
    """What `peppol trust` understands."""
    parser.add_argument("what", choices=("install", "list", "remove"))
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="what holds the certificates of the CAs")
    parser.add_argument("--password", metavar="REFERENCE", help="of a key store, as env:NAME or file:PATH; the usual ones are tried")
    parser.add_argument("--fingerprint", action="append", default=[], metavar="SHA-256", help="which to install or remove; once for each")
    parser.add_argument("--role", choices=("root", "ap", "smp"), help="what a CA is trusted for, where its name does not say it")
    parser.add_argument("--network", choices=("test", "production"), help="in which network; the setting [peppol] network unless told")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where anchors are kept; the setting [peppol] trust unless told")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def run(options: Namespace) -> int:
    """Does what is asked; 0 where it was done, 1 where something was shown and nothing done, 2 where it cannot be done."""
    from einvoice.settings import current

    stated = current().peppol
    settings = stated._replace(network=options.network or stated.network, trust=options.into or stated.trust)
    return {"install": _install, "list": _list, "remove": _remove}[options.what](options, settings)


def _install(options: Namespace, settings: Peppol) -> int:
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki import anchors, certificate_files

    if options.file is None:
        raise CertificateError("name the file with the certificates: einvoice peppol trust install --from FILE")
    found = certificate_files.read(options.file, _password(options.password))
    if not options.fingerprint:
        _print(options, [_row(one, options.role or anchors.role_of(one), _state(one, options, settings)) for one in found])
        if options.format == "text":
            print(f"\nnothing was installed: {_SHOWN}")
        return 1
    wanted = _chosen(found, _prints(options))
    made = [anchors.Anchor(one, _role(one, options)) for one in wanted]
    from einvoice_peppol.pki import trusting

    fresh = anchors.install(trusting.folder(settings), settings.network, made)
    rows = [_row(one.certificate, one.role, "installed" if one in fresh else "was there already") for one in made]
    _print(options, rows)
    return 0


def _list(options: Namespace, settings: Peppol) -> int:
    from einvoice_peppol.pki import anchors, trusting

    found = anchors.read(trusting.folder(settings), settings.network)
    _print(options, [_row(one.certificate, one.role, "") for one in found])
    if not found and options.format == "text":
        print(f"no anchors are installed for the {settings.network} network; nobody is trusted there")
    return 0 if found else 1


def _remove(options: Namespace, settings: Peppol) -> int:
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki import anchors, trusting

    folder, gone = trusting.folder(settings), []
    if not options.fingerprint:
        raise CertificateError("say which: einvoice peppol trust remove --fingerprint SHA-256; `einvoice peppol trust list` shows them")
    for prints in _prints(options):
        removed = anchors.remove(folder, settings.network, prints)
        if not removed:
            raise CertificateError(f"no anchor of the {settings.network} network has the fingerprint {prints}")
        gone += removed
    _print(options, [_row(one.certificate, one.role, "removed") for one in gone])
    return 0


def _prints(options: Namespace) -> list[str]:
    """The fingerprints, as 64 small hexadecimal digits: publishers write them with colons or spaces, in capitals."""
    import re

    from einvoice.errors import CertificateError

    found = [re.sub(r"[:\s]", "", text).lower() for text in options.fingerprint]
    for text in found:
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise CertificateError(f"{text!r} is no SHA-256 fingerprint: it has 64 hexadecimal digits")
    return found


def _chosen(found: list[Certificate], prints: list[str]) -> list[Certificate]:
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki.anchors import fingerprint

    known = {fingerprint(one): one for one in found}
    for text in prints:
        if text not in known:
            raise CertificateError(f"no certificate of the file has the fingerprint {text}; nothing was installed")
    return [known[text] for text in dict.fromkeys(prints)]


def _role(certificate: Certificate, options: Namespace) -> str:
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki.anchors import role_of
    from einvoice_peppol.pki.identity import common_name

    role = options.role or role_of(certificate)
    if role is None:
        raise CertificateError(f"the name {common_name(certificate)!r} does not say what it is for; say it with --role root, ap or smp")
    return str(role)


def _state(certificate: Certificate, options: Namespace, settings: Peppol) -> str:
    """Whether it could be installed, and why not."""
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki import anchors
    from einvoice_peppol.pki.identity import common_name

    try:
        anchors.suited(certificate, _role(certificate, options), settings.network)
    except CertificateError as fault:
        return f"cannot be installed: {fault}"
    return "of generation G2, whose seats the network no longer has" if common_name(certificate).endswith("G2") else ""


def _password(reference: str | None) -> str | None:
    from einvoice.settings.values import secret

    return secret(reference).reveal() if reference else None


def _row(certificate: Certificate, role: str | None, state: str) -> dict[str, Any]:
    from einvoice_peppol.pki.anchors import fingerprint

    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "role": role,
        "since": certificate.not_valid_before_utc.isoformat(),
        "until": certificate.not_valid_after_utc.isoformat(),
        "sha256": fingerprint(certificate),
        "state": state,
    }


def _print(options: Namespace, rows: list[dict[str, Any]]) -> None:
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text(rows, indent=1))
        return
    from einvoice.rendering.values import clean

    for row in rows:
        prints = ":".join(row["sha256"][at : at + 2] for at in range(0, 64, 2)).upper()
        print(
            f"{row['role'] or '?':6}{clean(row['subject'])}\n      valid from {row['since'][:10]} until {row['until'][:10]}\n      {prints}"
        )
        if row["state"]:
            print(f"      {clean(row['state'])}")
