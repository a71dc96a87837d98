"""Runs peppol-py in its own environment: one document sent as the JSON on standard input says; what came of it as JSON.

Asked: document, key, certificate, xmlsec1 (paths), dns (host and port), receiver (path of the certificate that is expected). Two things
of peppol-py are replaced: the name servers, which it takes from the machine, and the check of the receiver's certificate, which knows
the real CAs only and fails against OpenSSL 3; in its stead the SMP's answer must have the certificate that is expected.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    _resolve_by(*asked["dns"])
    sender: Any = import_module("peppol_py.sender")
    sender.validate_certificate = _expecting(Path(asked["receiver"]).read_bytes())
    heard = _listening(str(Path(asked["document"]).parent))
    failure = import_module("peppol_py.exception").SendPeppolError
    try:
        stated = sender.send_peppol_document(
            Path(asked["document"]).read_bytes(),
            asked["xmlsec1"],
            asked["key"],
            None,
            asked["certificate"],
            document_type_version="2.1",
            test_environment=True,
        )
        said = {"accepted": True, "receiver": stated["receiver_common_name"], "profile": stated["transport_profile"]}
    except failure as refused:
        said = {"accepted": False, "why": str(refused), "error": getattr(refused, "endpoint", {}).get("error_msg")}
    json.dump({**said, "sent": heard}, sys.stdout)


def _resolve_by(host: str, port: int) -> None:
    """Whoever makes a resolver gets one that asks this server."""
    resolver: Any = import_module("dns.resolver")

    real = resolver.Resolver

    def ours() -> Any:
        made = real(configure=False)
        made.nameservers, made.port = [host], port
        return made

    resolver.Resolver = ours


def _expecting(expected: bytes) -> Callable[[bytes, bool], None]:
    """The check in the stead of the broken one."""
    unarmor = import_module("asn1crypto.pem").unarmor

    def check(certificate: bytes, test: bool) -> None:
        if unarmor(certificate)[2] != unarmor(expected)[2]:
            raise ValueError("the SMP gives another certificate than the test expects")

    return check


def _listening(folder: str) -> list[dict[str, Any]]:
    """What was posted (files of the folder) and answered, as it is posted and answered."""
    requests: Any = import_module("requests")
    heard: list[dict[str, Any]] = []
    post = requests.post

    def listened(url: str, **more: Any) -> Any:
        answer = post(url, **more)
        kept = Path(folder, f"posted-{len(heard)}")
        kept.write_bytes(more["data"])
        heard.append({"url": url, "body": str(kept), "status": answer.status_code, "answer": answer.text})
        return answer

    requests.post = listened
    return heard


if __name__ == "__main__":
    main()
