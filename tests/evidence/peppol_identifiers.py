"""Identifiers and envelopes: the network's lists, national check digits, what invoices are in the network, documents in and out."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import date
from io import BytesIO
from pathlib import Path

from tests.evidence import Figure, corpora, figure, scaled

_DAY = date(2026, 11, 28)


@figure("identifier-lists", bar="lists 9.7 whole, each with its validity; every process of a document type is listed", item=1)
def identifier_lists() -> Figure:
    from einvoice_peppol.identifiers.lists import State, code_list

    sizes = {"participants": 105, "documents": 321, "processes": 109, "transports": 5, "usecases": 1}
    lists = {name: code_list(name) for name in sizes}
    whole = all(lists[name].version == "9.7" and len(lists[name].entries) == size for name, size in sizes.items())
    known = {f"{scheme}::{code}" for scheme, code in lists["processes"].entries}
    lost = sum(process not in known for entry in lists["documents"].entries.values() for process in entry.processes)
    active = sum(entry.on(_DAY) is State.ACTIVE for each in lists.values() for entry in each.entries.values())
    return Figure(f"{sum(sizes.values())} entries, {active} active on {_DAY}, {lost} processes unknown", whole and not lost)


@figure(
    "identifier-check-digits",
    bar="each scheme takes its examples, finds 80 % of single wrong digits, and takes nothing that the official rule refuses",
    item=1,
)
def identifier_check_digits() -> Figure:
    from einvoice_peppol.identifiers.schemes import schemes
    from tests.peppol.test_identifiers import GOOD, altered, longer, refused

    examples = [longer(text) for text in GOOD]
    taken = sum(not refused(text) for text in examples)
    checked = {code for code, known in schemes().items() if known.checks}
    shown = {text[:4] for text in examples}
    rates = [sum(map(refused, changed)) / len(changed) for text in examples if text[:4] in checked and (changed := altered(text))]
    differing, compared = _as_official(scaled(20_000))
    text = f"{taken} of {len(examples)} taken, {len(checked)} schemes, weakest {min(rates):.0%}; {differing} of {compared} differ"
    return Figure(text, taken == len(examples) and checked <= shown and min(rates) >= 0.8 and not differing)


def _as_official(count: int) -> tuple[int, int]:
    """Random numbers, by us and by the common rules of Peppol's post-award documents."""
    from einvoice_peppol.answers import digits
    from einvoice_peppol.identifiers.schemes import schemes

    chance, differing = random.Random(7), 0
    shapes = {"0088": 13, "0192": 9, "0208": 10, "0007": 10, "0151": 11}
    for number in range(count):
        scheme = [*shapes][number % len(shapes)]
        value = "".join(chance.choice("0123456789") for _ in range(shapes[scheme]))
        value = chance.choice("01") + value[1:] if scheme == "0208" else value
        if len(set(value)) > 1:  # rows of one digit are no numbers anywhere, whatever their sum
            ours, theirs = schemes()[scheme].fault(value) is None, digits.broken(scheme, value) is None
            differing += ours and not theirs
    return differing, count


@figure(
    "identifier-derived", bar="every published invoice: derived as the list has it, or refused by a named error; no other exception", item=1
)
def identifier_derived() -> Figure:
    from einvoice.errors import BadIdentifier, EInvoiceError
    from einvoice_peppol.identifiers import derive, documents

    derived = refused = unread = wrong = 0
    for path in sorted(corpora().glob("*/**/*.xml")):
        try:
            found = derive.of(path, strict=False, on=_DAY)
        except BadIdentifier:
            refused += 1
            continue
        except EInvoiceError:
            unread += 1
            continue
        entry = documents.entry(found.document)
        derived += 1
        wrong += entry is None or str(found.process) not in entry.processes
    return Figure(f"{derived:,} derived, {refused:,} refused, {unread} no invoices, {wrong} not in the list", derived > 1000 and not wrong)


@figure("identifier-tests", bar="all tests of identifiers and derivation hold", item=1)
def identifier_tests() -> Figure:
    return tests("tests/peppol/test_identifiers.py", "tests/peppol/test_identifiers_derive.py", "tests/peppol/test_identifiers_cli.py")


@figure("envelope-tests", bar="unwrap(wrap(x)) is x byte for byte in any chunks; 40 altered headers refused; what grows is stopped", item=3)
def envelope_tests() -> Figure:
    return tests("tests/peppol/test_sbdh.py")


@figure(
    "envelope-round-trip",
    bar="every published XML document comes out byte for byte as it went in, recoded ones in the same canonical form",
    item=3,
)
def envelope_round_trip() -> Figure:
    from lxml import etree

    from einvoice_peppol.identifiers import DocumentType
    from tests.peppol.envelopes import HEADER, unwrapped, wrapped

    same = total = 0
    for path in sorted(corpora().glob("*/**/*.xml")):
        data = path.read_bytes()
        try:
            root = etree.fromstring(data, etree.XMLParser(huge_tree=True, resolve_entities=False))
        except etree.XMLSyntaxError:
            continue
        name = etree.QName(root)
        if root.getroottree().docinfo.internalDTD is not None or not name.namespace:
            continue
        total += 1
        kind = DocumentType(f"{name.namespace}::{name.localname}##urn:x::2.1")
        _, taken = unwrapped(wrapped(data, HEADER._replace(document=kind)))
        same += taken in data or etree.tostring(etree.fromstring(taken), method="c14n") == etree.tostring(root, method="c14n")
    return Figure(f"{same:,} of {total:,}", same == total > 1000)


@figure(
    "envelope-fuzz", bar="mutated envelopes: read or refused by a named error, no other exception, half of them beyond the header", item=3
)
def envelope_fuzz() -> Figure:
    from einvoice.errors import DocumentError
    from einvoice_peppol.sbdh.unwrapping import unwrap
    from tests.peppol.envelopes import INVOICE, wrapped

    chance, count = random.Random(11), scaled(40_000)
    envelope = wrapped(f'<Invoice xmlns="{INVOICE}"><a b="c">text &amp; more</a><!-- c --></Invoice>'.encode() + b"\n")
    read = refused = other = beyond = 0
    body = envelope.index(b"<Invoice")
    for number in range(count):
        altered = _mutated(envelope, chance, body if number % 2 else 0)
        beyond += altered[:body] == envelope[:body]
        try:
            unwrap(BytesIO(altered), None)
            read += 1
        except DocumentError:
            refused += 1
        except Exception:
            other += 1
    return Figure(f"{count:,}: {read:,} read, {refused:,} refused, {other} other exceptions", not other and beyond >= count // 2)


def _mutated(data: bytes, chance: random.Random, after: int) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(min(after, len(changed) - 1), len(changed))
        what = chance.randrange(4)
        if what == 0:
            changed[at] = chance.randrange(256)
        elif what == 1:
            del changed[at : at + chance.randrange(1, 30)]
        elif what == 2:
            changed[at:at] = chance.choice([b"<a>", b"</a>", b"<!--", b"]]>", b"&x;", b"<![CDATA[", b"\0", b"<?x?>", b'"', b"\xff"])
        else:
            start = chance.randrange(len(changed))
            changed[at:at] = changed[start : start + chance.randrange(1, 60)]
        if not changed:
            break
    return bytes(changed)


@figure("envelope-100-mb", bar="100 MB as one text, as elements, as a binary file: ≤ 16 MB above base, ≤ 4 s each way", item=3)
def envelope_100_mb() -> Figure:
    texts, holds = [], True
    for kind in ("text", "elements", "binary"):
        command = [sys.executable, "-m", "tests.peppol.envelopes_large", kind]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
        found = json.loads(ran.stdout)
        texts.append(f"{kind} {found['memory'] / 1e6:.1f} MB, in {found['wrap']:.2f} s, out {found['unwrap']:.2f} s")
        holds = holds and found["right"] and found["memory"] <= 16e6 and max(found["wrap"], found["unwrap"]) <= 4
    return Figure("; ".join(texts), holds)


def tests(*paths: str) -> Figure:
    """The tests of files: all of them passed, none was skipped."""
    import re

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "slow or not slow", *paths]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed, skipped = re.search(r"(\d+) passed", said), re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
