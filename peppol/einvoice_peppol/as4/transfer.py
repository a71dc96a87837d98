"""The Content-Transfer-Encodings of MIME, decoded chunk by chunk; what is not well encoded is refused (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

from einvoice_peppol.as4 import ebms

_LINE = 1_000
"""Bytes that a line of quoted-printable may have; the standard allows 76."""
_SPACE = b" \t\r\n"


def _identity(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return chunks


def _base64(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held, is_over = b"", False
    for chunk in chunks:
        held += chunk.translate(None, _SPACE)
        whole = len(held) - len(held) % 4
        if is_over and held:
            raise ebms.Refused(ebms.MIME_INCONSISTENCY, "Base64 goes on behind its padding")
        if whole:
            yield _decoded(held[:whole])
            is_over = held[whole - 1 : whole] == b"="
            held = held[whole:]
    if held:
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, "Base64 ends within a group of four")


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, "a part is not the Base64 that it says it is") from None


def _quoted_printable(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        held += chunk
        end = held.rfind(b"\r\n") + 2
        if end > 1:
            yield _unquoted(held[:end])
            held = held[end:]
        if len(held) > _LINE:
            raise ebms.Refused(ebms.MIME_INCONSISTENCY, f"quoted-printable has a line of more than {_LINE} bytes")
    if held:
        yield _unquoted(held)


def _unquoted(text: bytes) -> bytes:
    text = re.sub(rb"[ \t]+(?=\r\n)", b"", text)
    if re.search(rb"=(?!\r\n|[0-9A-Fa-f]{2})", text):
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, "quoted-printable has an equals sign that quotes nothing")
    return re.sub(rb"=(\r\n|[0-9A-Fa-f]{2})", lambda found: b"" if found[1] == b"\r\n" else bytes.fromhex(found[1].decode("ascii")), text)


DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "7bit": _identity,
    "8bit": _identity,
    "binary": _identity,
    "base64": _base64,
    "quoted-printable": _quoted_printable,
}
"""How each encoding is decoded, by its name in lower case."""
