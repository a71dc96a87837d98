"""Runs mutants of AS4 messages through receiving, and counts what happens.

A mutant may be refused (`ebms.Refused`), and nothing else may be raised. What is accepted must be the message that was signed, whole:
no change of a stranger's is ever taken in. `python -m tests.fuzz.as4 NUMBER` shows what one mutant is and does.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from email import message_from_bytes
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from lxml import etree

from einvoice_peppol.as4 import ebms
from tests.fuzz.as4_mutate import MutatedDocument, documents, envelopes, mime, noise, tokens
from tests.fuzz.harness import Outcome, resident
from tests.peppol.as4_access_points import Ear, ear
from tests.peppol.as4_messages import Made, made, sbdh

SEED = 20_261_128
_KINDS = (envelopes, envelopes, envelopes, tokens, mime, mime, documents, noise, noise)


class Mutant(NamedTuple):
    """What arrives, and whether the sender himself made it so."""

    content_type: str
    body: bytes
    is_senders: bool


def run(numbers: Sequence[int]) -> Outcome:
    """Runs the mutants of these numbers; memory is measured from a tenth of the way on."""
    outcome, before, here = Outcome(), 0.0, ear()
    for count, number in enumerate(numbers):
        if count == len(numbers) // 10:
            before = resident()
        found = mutant(here, number)
        outcome.fates["all"] += 1
        outcome.fates["parseable"] += is_parseable(found)
        started = time.perf_counter()
        _one(here, found, number, outcome)
        outcome.slowest = max(outcome.slowest, time.perf_counter() - started)
    outcome.growth = resident() - before
    return outcome


def run_in_two(count: int) -> Outcome:
    """The same for mutants 0 … count - 1, in two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(run, (range(0, count, 2), range(1, count, 2)))
    first.add(second)
    return first


def mutant(here: Ear, number: int) -> Mutant:
    """The mutant of a number, always the same but for the keys."""
    random = Random(SEED + number)
    changed = random.choice(_KINDS)(random, _good())
    if isinstance(changed, MutatedDocument):
        sent = made(here.recipe.but(document=changed.data))
        return Mutant(sent.content_type, sent.body(), is_senders=True)
    return Mutant(*changed, is_senders=False)


def is_parseable(found: Mutant) -> bool:
    """Whether the standard library finds a part, and lxml an XML document in it."""
    head = f"Content-Type: {found.content_type}\r\n\r\n".encode("ascii", "replace")
    parts = message_from_bytes(head + found.body).get_payload()
    if not isinstance(parts, list) or not parts:
        return False
    root = parts[0].get_payload(decode=True)  # type: ignore[union-attr]
    try:
        etree.fromstring(root if isinstance(root, bytes) else b"", etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


@cache
def _good() -> Made:
    return made(ear().recipe)


def _one(here: Ear, found: Mutant, number: int, outcome: Outcome) -> None:
    try:
        got = here.read(found.content_type, found.body)
    except ebms.Refused as fault:
        outcome.fates[fault.error.code] += 1
        return
    except Exception as fault:
        frame = traceback.extract_tb(fault.__traceback__)[-1]
        outcome.faults.append(f"{number}: {type(fault).__name__}: {str(fault)[:200]} ({Path(frame.filename).name}:{frame.lineno})")
        return
    outcome.fates["accepted"] += 1
    body = got.body.keep()
    if not found.is_senders and (body.data != sbdh() or got.message != here.hear(_good()).message):
        outcome.faults.append(f"{number}: accepted with other content than was signed")


def main() -> None:
    """Shows what one mutant is and does."""
    here, number = ear(), int(sys.argv[1])
    found = mutant(here, number)
    sys.stdout.buffer.write(found.content_type.encode("ascii", "replace") + b"\r\n\r\n" + found.body + b"\n")
    sys.stdout.flush()
    print(here.read(found.content_type, found.body).message)


if __name__ == "__main__":
    main()
