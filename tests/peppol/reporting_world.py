"""A month of exchanges in the tables, counted a second time the simple way; reports changed at random for the official rules to judge."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from sqlalchemy import Connection, insert

from einvoice_peppol.identifiers.lists import State, code_list
from einvoice_peppol.reporting import Kind
from einvoice_peppol.reporting.kinds import SHAPES
from einvoice_peppol.tables import INBOX, OUTGOING

BEGIN, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
SEAT = "PNL000123"
_EDGES = (BEGIN, BEGIN - timedelta(microseconds=1), END, END - timedelta(microseconds=1))


class Exchange(NamedTuple):
    """One row, as the test wrote it."""

    incoming: bool
    counted: bool
    kind: str
    seat: str
    document: tuple[str, str]
    process: tuple[str, str]
    user: str
    country: str
    other: str | None


def documents() -> list[tuple[str, str, tuple[str, str], tuple[str, str]]]:
    """Kinds of documents as the network's list has them: kind, category, document type, process."""
    found = []
    for entry in code_list("documents").entries.values():
        if entry.state is State.ACTIVE and entry.category in ("Invoice", "Credit Note", "Message Level Status", "Peppol Network Report"):
            kind = {"Message Level Status": "mls", "Peppol Network Report": "report"}.get(entry.category, "invoice")
            scheme, _, value = entry.processes[0].partition("::")
            found.append((kind, entry.category, (entry.scheme, entry.code), (scheme, value)))
    return found


def filled(connection: Connection, seed: int, rows: int) -> list[Exchange]:
    """A month, and what surrounds it, written into the tables."""
    chance, kinds = random.Random(seed), documents()
    made = [_exchange(connection, chance, kinds, number) for number in range(rows)]
    return [each for each in made if each.counted]


def received(connection: Connection, user: str) -> None:
    """One invoice that an end user received."""
    kind, _, document, process = next(each for each in documents() if each[0] == "invoice")
    values = _values("1", kind, document, process, user, BEGIN)
    connection.execute(insert(INBOX).values(values | {"state": "handed", "received_at": BEGIN, "receipt": b"r", "country": "BE"}))


def between(connection: Connection, network: str) -> None:
    """An invoice sent and one received in a network, with an access point whose certificate its CA issued."""
    kind, _, document, process = next(each for each in documents() if each[0] == "invoice")
    word = "TEST " if network == "test" else ""
    for direction, table in (("out", OUTGOING), ("in", INBOX)):
        values = _values(f"{direction}-{network}", kind, document, process, "0208:0000000001", BEGIN)
        values |= {"certificate": _certificate(f"PEPPOL ACCESS POINT {word}CA - G3"), "country": "BE"}
        more: dict[str, Any] = {"state": "handed", "received_at": BEGIN, "receipt": b"r"}
        if table is OUTGOING:
            more = {"key": network, "subject": "invoice:1", "verdict": "valid", "created_at": BEGIN, "state": "sent", "sent_at": BEGIN}
        connection.execute(insert(table).values(values | more))


@cache
def _certificate(issuer: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PBE000001")]),
        key.public_key(),
        1,
        BEGIN,
        END,
    ).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode("ascii")


def _values(number: str, kind: str, document: tuple[str, str], process: tuple[str, str], user: str, moment: datetime) -> dict[str, Any]:
    return {
        "via": "as4",
        "kind": kind,
        "access_point": "PBE000001",
        "sender": user,
        "receiver": user,
        "document_scheme": document[0],
        "document_type": document[1],
        "process_scheme": process[0],
        "process": process[1],
        "document_hash": "0" * 64,
        "size": 1,
        "attempts": 0,
        "next_at": moment,
        "message_id": f"{number}@test",
        "instance_id": number,
    }


def _exchange(connection: Connection, chance: random.Random, kinds: list[Any], number: int) -> Exchange:
    kind, _, document, process = chance.choice(kinds)
    incoming, via = chance.random() < 0.5, chance.choice(["as4", "as4", "as4", "peppyrus"])
    moment = chance.choice([*_EDGES, BEGIN + timedelta(seconds=chance.randrange(31 * 86_400))])
    done = chance.random() < 0.8
    user = f"0208:{chance.randrange(9):010}" if kind != "mls" else "0242:000123"
    country = "BE" if kind != "mls" else "NL"
    other = chance.choice(["BE", "NL", "EL", "QQ", None]) if incoming else None
    values = _values(str(number), kind, document, process, user, moment)
    values |= {"via": via, "access_point": chance.choice(["PBE000001", "PNL000002"]), "country": other if incoming else country}
    if incoming:
        repeated = chance.random() < 0.1
        more = {"state": "repeated" if repeated else "handed", "received_at": moment, "receipt": b"r" if done else None}
        connection.execute(insert(INBOX).values(values | more))
        done = done and not repeated
    else:
        more = {
            "key": str(number),
            "subject": f"invoice:{number}",
            "verdict": "valid",
            "created_at": moment,
            "state": "sent" if done else "unknown",
        }
        connection.execute(insert(OUTGOING).values(values | more | {"sent_at": moment if done else None}))
    counted = done and via == "as4" and kind != "report" and BEGIN <= moment < END
    return Exchange(incoming, counted, kind, values["access_point"], document, process, user, country, other)


def mutants(report: bytes, kind: Kind, chance: random.Random) -> Iterator[bytes]:
    """The report changed here and there without end, its structure kept."""
    shape = SHAPES[kind]
    while True:
        root = etree.fromstring(report, etree.XMLParser(remove_blank_text=True))
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            _change(root, shape.namespace, len(shape.numbers), chance)
        yield etree.tostring(root)


_VALUES = {
    "CustomizationID": ["", "urn:x", " "],
    "ProfileID": ["", "urn:x"],
    "StartDate": ["2026-10-01Z", "2026-10-31", "2026-11-01", " 2026-10-01 "],
    "EndDate": ["2026-09-30", "2026-10-31+01:00", "2026-10-01"],
    "ReporterID": ["", "PNL0001", " PNL000999 ", "POP000001"],
    "Key": ["", "PBE000009", "NL", "ZZ", "AN", "XK", "B E", "urn:x", " BE "],
}
_SCHEMES = ["CertSubjectCN", "SenderCountry", "ReceiverCountry", "EndUserCountry", "Peppol", "busdox-docid-qns", "", "a b"]
_METAS = ["SP", "DT", "PR", "CC", "TP", "XX"]
_TYPES = ["PerTP", "PerSP-DT-PR", "PerSP-DT-PR-CC", "PerDT-PR", "PerDT-PR-EUC", "PerDT-EUC", "PerEUC", "Other", " PerTP "]


def _change(root: Any, namespace: str, numbers: int, chance: random.Random) -> None:
    leaves = [element for element in (root if chance.random() < 0.7 else root[2]).iter() if not len(element)]
    parts, element = [*root[4:]], chance.choice(leaves)
    name = etree.QName(element).localname
    what = chance.randrange(7)
    if what == 0 and parts:
        part = chance.choice(parts)
        part.getparent().remove(part) if chance.random() < 0.5 else root.append(etree.fromstring(etree.tostring(part)))
    elif what == 1 and parts:
        chance.choice(parts).set("type", chance.choice(_TYPES))
    elif what == 2 and parts:
        part = chance.choice(parts)
        keys = part[:-numbers]
        part.insert(0, etree.fromstring(etree.tostring(chance.choice(keys)))) if len(keys) < 2 or chance.random() < 0.5 else part.remove(
            keys[0]
        )
    elif what == 3 and name == "Key":
        element.set(chance.choice(["schemeID", "metaSchemeID"]), chance.choice(_SCHEMES + _METAS))
    elif what == 4 and parts:
        kind = chance.choice(parts).get("type")
        for part in parts:
            if part.get("type") == kind:
                root.remove(part)
    elif name in _VALUES:
        element.text = chance.choice(_VALUES[name])
        if name == "ReporterID" and chance.random() < 0.3:
            element.set("schemeID", chance.choice(_SCHEMES))
    else:
        element.text = str(max(0, int(element.text) + chance.choice([-1, 1, -5, 5])))
