"""Receipts changed at random, in their bytes and in their elements: none may prove anything but what the good one proves."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from einvoice.errors import ReceiptError, Rejected
from einvoice_peppol import xmldsig
from einvoice_peppol.as4 import receipts
from einvoice_peppol.as4.message import DS, EBMS, SOAP
from einvoice_peppol.as4.receipts import Proof
from einvoice_peppol.http import Answer
from tests.peppol.as4_exchange import NOW, Sent, receipt, sent, sides

_ODD = b"<>&\"' \n\tA0#:/=\x00\xff"


class Fuzzed(NamedTuple):
    """So many were tried; `same` say what the good one says in other bytes, `believed` say something else and were believed.

    `faults` are those that ended in another exception than one of ours.
    """

    tried: int
    same: int
    believed: tuple[bytes, ...]
    faults: tuple[str, ...]


def fuzz(count: int, seed: int = 0) -> Fuzzed:
    """Tries so many changes of one receipt, half of bytes and half of elements; what proves nothing raises ReceiptError or Rejected."""
    chance, one = random.Random(seed), sent()
    good = receipt(one)
    proof, block = _proof(one, good), _signed(good.body)
    same, believed, faults = 0, [], []
    for number in range(count):
        change: Callable[[bytes, random.Random], bytes] = _bytes if number % 2 else _elements
        data = change(good.body, chance)
        try:
            said = _proof(one, good._replace(body=data))
        except (ReceiptError, Rejected):
            continue
        except Exception as fault:
            faults.append(f"{type(fault).__name__}: {fault}: {data[:200]!r}")
            continue
        if said[:3] == proof[:3] and _signed(data) == block:
            same += 1
        else:
            believed.append(data)
    return Fuzzed(count, same, tuple(believed), tuple(faults))


def _proof(one: Sent, answer: Answer) -> Proof:
    return receipts.verify(answer, "message-1@sender.test", one.built.references, sides().trust, sides().receiver.certificate, NOW)


def _signed(data: bytes) -> bytes:
    """What is signed of an envelope, where it stands, and the signature; other headers may stand beside it."""
    root = etree.fromstring(data)
    found = [*root.findall(f"{{{SOAP}}}Header/{{{EBMS}}}Messaging"), *root.findall(f"{{{SOAP}}}Body")]
    found += root.iter(f"{{{DS}}}SignedInfo")
    value = "".join(root.findtext(f".//{{{DS}}}SignatureValue", "").split())
    return b"".join(xmldsig.canonical(one, xmldsig.EXCLUSIVE) for one in found) + value.encode()


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """One to three bytes flipped, taken out, put in, or a piece doubled."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(found))
        how = chance.randrange(4)
        if how == 0:
            found[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del found[at : at + chance.choice((1, 1, 20, 400))]
        elif how == 2:
            found.insert(at, chance.choice(_ODD))
        else:
            found[at:at] = found[at : at + chance.choice((4, 40, 400))]
    return bytes(found)


def _elements(data: bytes, chance: random.Random) -> bytes:
    """An element removed, doubled, moved or renamed, or a text or attribute of it altered or removed."""
    root = etree.fromstring(data)
    every = list(root.iter())
    one, other = chance.choice(every[1:]), chance.choice(every)
    parent = one.getparent()
    assert parent is not None
    how = chance.randrange(7)
    if how == 0:
        parent.remove(one)
    elif how == 1:
        parent.insert(chance.randrange(len(parent) + 1), deepcopy(one))
    elif how == 2 and other not in set(one.iter()):
        other.insert(chance.randrange(len(other) + 1), deepcopy(one) if chance.random() < 0.5 else one)
    elif how == 3:
        one.tag = str(other.tag)
    elif how == 4 and one.attrib:
        name = chance.choice(list(one.attrib))
        one.set(name, chance.choice(("", "x", *(value for each in every for value in each.attrib.values()))))
    elif how == 5 and one.attrib:
        del one.attrib[chance.choice(list(one.attrib))]
    else:
        one.text = chance.choice([each.text or "" for each in every] + ["x"])
    found: bytes = etree.tostring(root)
    return found
