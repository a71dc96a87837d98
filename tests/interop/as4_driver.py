"""Runs `as4` in its own environment, as an access point that receives or sends; JSON in lines, until standard input ends.

`as4_driver.py receive FOLDER` listens on a free port of this machine and says what it kept of each message; `as4_driver.py send FOLDER`
sends what each line asks for and says what it makes of the answer. FOLDER has own.pem, own.key and ca.pem (from the access points' CA to
the root).
"""

import hashlib
import http.client
import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_as4: Any = import_module("as4")
_peppol: Any = import_module("as4.peppol")


def main() -> None:
    folder = Path(sys.argv[2])
    certificate = _certificate(folder / "own.pem")
    key = load_pem_private_key((folder / "own.key").read_bytes(), None)
    own = _peppol.create_peppol_internal_party(_name(certificate), certificate, _as4.AS4LocalPrivateKey(key))
    chain = x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
    {"receive": _receive, "send": _send}[sys.argv[1]](own, _peppol.peppol_security_policy(chain[-1], intermediates=chain[:-1]))


def _receive(own: Any, policy: Any) -> None:
    def judge(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        exchange = _peppol.parse_peppol_message(headers, body, own, security_policy=policy)
        error = exchange.message.parse_error
        said = {"event": "received", "message_id": exchange.message_id, "accepted": exchange.successful, "why": error and str(error)}
        if exchange.successful:
            document = next(iter(exchange.message.decrypted_data.values()))
            said |= {"sha256": hashlib.sha256(document).hexdigest(), "seat": _name(exchange.message.signer_certificate)}
            said |= {"sender": exchange.message.sender, "receiver": exchange.message.recipient}
        _say(said)
        answer: tuple[dict[str, str], bytes] = exchange.build_signal()
        return answer

    server = HTTPServer(("127.0.0.1", 0), _handler(judge))
    Thread(target=server.serve_forever, daemon=True).start()
    _say({"event": "listening", "port": server.server_port})
    sys.stdin.read()
    server.shutdown()


def _handler(judge: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers, signal = judge(dict(self.headers), self._body())
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(signal))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(signal)

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers["Content-Length"]))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    return Handler


def _send(own: Any, _policy: Any) -> None:
    _say({"event": "ready"})
    for line in sys.stdin:
        asked = json.loads(line)
        receiver = _certificate(Path(asked["certificate"]))
        message = _peppol.build_peppol_message(
            Path(asked["document"]).read_bytes(),
            local_party=own,
            remote_party=_peppol.create_peppol_external_party(_name(receiver), receiver),
            sender=asked["sender"],
            recipient=asked["receiver"],
            document_type_identifier_scheme="busdox-docid-qns",
            document_type_identifier_value=asked["kind"],
            process_identifier=asked["process"],
            sender_country_id=asked["country"],
            document_identification_instance_identifier=asked["instance_id"],
        )
        body, boundary = message.get_request_data()
        status, answer = _post(asked["url"], message.get_http_headers(boundary), body)
        _say({"event": "sent", "message_id": message.message_id, "status": status, **_judged(answer, receiver, message)})


def _judged(answer: bytes, receiver: x509.Certificate, message: Any) -> dict[str, Any]:
    """What `as4` makes of a receipt: who signed it, whether it repeats what was signed, or the error that it is."""
    try:
        receipt = _peppol.parse_peppol_receipt(answer, receiver)
        if receipt.error is not None:
            return {"accepted": False, "why": receipt.error.error_code}
        receipt.verify_non_repudiation(message.signed_references)
    except _as4.ReceiptVerificationError as fault:
        return {"accepted": False, "why": str(fault), "answer": answer.decode(errors="replace")[:4_000]}
    return {"accepted": receipt.success, "about": receipt.original_message_id}


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    try:
        connection.request("POST", parts.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
