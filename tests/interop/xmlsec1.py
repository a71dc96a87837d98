"""The `xmlsec1` executable as far as a peer calls it: encrypts binary data into a template, by the library in the `xmlsec` wheel.

peppol-py runs an `xmlsec1` of version 1.3 or newer, which few systems package; the wheel has that version as a library. Run by the
interpreter of the peer's environment: `--encrypt --pubkey-cert-pem FILE --session-key aes-128 --binary-data FILE TEMPLATE`, the
template filled in on standard output. What else it is asked for, it refuses.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from lxml import etree

xmlsec = import_module("xmlsec")


def main() -> None:
    given = argparse.ArgumentParser(prog="xmlsec1", allow_abbrev=False)
    given.add_argument("--encrypt", action="store_true", required=True)
    given.add_argument("--pubkey-cert-pem", required=True)
    given.add_argument("--session-key", choices=["aes-128"], required=True)
    given.add_argument("--binary-data", required=True)
    given.add_argument("--lax-key-search", action="store_true")
    given.add_argument("template")
    asked = given.parse_args()
    keys = xmlsec.KeysManager()
    keys.add_key(xmlsec.Key.from_file(asked.pubkey_cert_pem, xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(keys)
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, 128, xmlsec.KeyDataType.SESSION)
    filled = context.encrypt_binary(etree.parse(asked.template).getroot(), Path(asked.binary_data).read_bytes())
    sys.stdout.buffer.write(etree.tostring(filled))


if __name__ == "__main__":
    main()
