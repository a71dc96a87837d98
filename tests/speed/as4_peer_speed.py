"""Times `as4` 0.2.0 in its own environment: ms of processor time to build a message, and to verify, decrypt and answer one.

`as4_peer_speed.py FOLDER SECONDS`: FOLDER has own.pem, own.key, ca.pem and document.xml; JSON on standard output.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_as4: Any = import_module("as4")
_peppol: Any = import_module("as4.peppol")


def main() -> None:
    folder, enough = Path(sys.argv[1]), float(sys.argv[2])
    certificate = x509.load_pem_x509_certificate((folder / "own.pem").read_bytes())
    key = load_pem_private_key((folder / "own.key").read_bytes(), None)
    name = str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
    own = _peppol.create_peppol_internal_party(name, certificate, _as4.AS4LocalPrivateKey(key))
    other = _peppol.create_peppol_external_party(name, certificate)
    chain = x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
    policy = _peppol.peppol_security_policy(chain[-1], intermediates=chain[:-1])
    document = (folder / "document.xml").read_bytes()

    def build() -> tuple[dict[str, str], bytes]:
        message = _peppol.build_peppol_message(
            document,
            local_party=own,
            remote_party=other,
            sender="0208:0123456749",
            recipient="0106:12345678",
            document_type_identifier_scheme="busdox-docid-qns",
            document_type_identifier_value=sys.argv[3],
            process_identifier=sys.argv[4],
            sender_country_id="BE",
        )
        body, boundary = message.get_request_data()
        return message.get_http_headers(boundary), body

    headers, body = build()

    def receive() -> None:
        exchange = _peppol.parse_peppol_message(headers, body, own, security_policy=policy)
        if not exchange.successful:
            raise SystemExit(f"as4 refuses its own message: {exchange.message.parse_error}")
        exchange.build_signal()

    json.dump({"build": _each(build, enough), "receive": _each(receive, enough)}, sys.stdout)


def _each(work: Callable[[], object], enough: float) -> float:
    """Milliseconds of one call, over so many seconds of calls."""
    work()
    begun, count = process_time(), 0
    while (spent := process_time() - begun) < enough:
        work()
        count += 1
    return spent / count * 1_000


if __name__ == "__main__":
    main()
