"""Times peppol-py 1.2.5 in its own environment: wall ms to build a message, most of it in the xmlsec1 that it starts.

`peppol_py_speed.py FOLDER SECONDS XMLSEC1 TYPE PROCESS`: FOLDER has own.pem, own.key and document.xml; JSON on standard output.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any


def main() -> None:
    folder, enough, xmlsec1, kind, process = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
    sender: Any = import_module("peppol_py.as4_sender")
    document = (folder / "document.xml").read_bytes()
    keys = (xmlsec1, str(folder / "own.key"), None, (folder / "own.pem").read_bytes(), (folder / "own.pem").read_bytes())

    def build() -> object:
        parties = ("0208:0123456749", "0106:12345678", "PNL000002")
        return sender.get_headers_and_body_for_posting_as4_document(
            document, None, "2026-11-28T12:00:00Z", kind, process, *parties, *keys, "PNL000002"
        )

    build()
    begun, count = perf_counter(), 0
    while (spent := perf_counter() - begun) < enough:
        build()
        count += 1
    json.dump({"build": spent / count * 1_000}, sys.stdout)


if __name__ == "__main__":
    main()
