"""The lookup: names in the SML, all that an SML or an SMP may do wrong, wildcards, the three failures, memory, the verb."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evidence import Figure, figure, scaled

_VECTORS = {
    "9915:test": "eh5boavaktmbgzyh2a63dz4qov33fvp5nsdvqklucfraayoodw6a",
    "0192:923609016": "xqk4t3fmtezduy5bovjmtnaq45n7e4tibyhwfpgot75bsp7uyg2a",
}


@figure("lookup-names", bar="both published names of the SML, in each case of the identifier; both zones", item=2)
def names() -> Figure:
    """The names that the SML knows two participants by."""
    from einvoice_peppol.identifiers.values import Participant
    from einvoice_peppol.lookup import naptr, network

    right = total = 0
    for text, label in _VECTORS.items():
        for written in (text, text.upper(), text.title()):
            for kind, zone in network.ZONES.items():
                wanted = f"{label}.iso6523-actorid-upis.participant.sml.{'prod' if kind == 'production' else 'test'}.tech.peppol.org."
                right += naptr.name(Participant(*written.split(":")), zone) == wanted
                total += 1
    return Figure(f"{right} of {total} names", right == total)


@figure("lookup-wrongs", bar="each ends in the one failure that it must end in; every part of the path has some", item=2)
def wrongs() -> Figure:
    """Real DNS and HTTP servers that do everything wrong that we know of, one thing at a time."""
    from einvoice.errors import PeppolError
    from einvoice_peppol.lookup import finding
    from tests.peppol import misbehaviour
    from tests.peppol.networks import BILLING, INVOICE, WHO, standing

    ended: Counter[str] = Counter()
    wrong = []
    for one in misbehaviour.ALL:
        with standing() as here:
            finding.find(WHO, INVOICE, BILLING, here.asked())
            one.do(here)
            try:
                finding.find(WHO, INVOICE, BILLING, here.asked())
            except PeppolError as fault:
                ended[type(fault).__name__] += 1
                if type(fault) is one.failure:
                    continue
            wrong.append(one.name)
    parts = (misbehaviour.SML, misbehaviour.ANSWERS, misbehaviour.SIGNATURES, misbehaviour.CONTENTS, misbehaviour.REDIRECTS)
    total = len(misbehaviour.ALL)
    value = f"{total - len(wrong)} of {total} ({', '.join(str(len(part)) for part in parts)} by part): {dict(ended)}{wrong[:5] or ''}"
    return Figure(value, not wrong and len(ended) == 3)


@figure(
    "lookup-signatures",
    bar="12 pairs of canonical forms accepted; a byte changed anywhere is refused, or changes nothing that is read",
    item=2,
)
def signatures() -> Figure:
    """Answers signed in each way that is allowed, then with one byte changed at random places, over HTTP."""
    from einvoice.errors import LookupFailed, ServiceNotFound
    from einvoice_peppol.lookup import finding
    from tests.peppol.networks import BILLING, INVOICE, WHO, standing
    from tests.peppol.smp_documents import EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, Signing

    forms = (INCLUSIVE, INCLUSIVE_11, EXCLUSIVE)
    chance, accepted, refused, same, other = random.Random(7), 0, 0, 0, 0
    with standing() as here:
        good = finding.find(WHO, INVOICE, BILLING, here.asked())
        for canonical in forms:
            for transform in (None, *forms):
                here.smp.signing = Signing(canonical, transform)
                accepted += finding.find(WHO, INVOICE, BILLING, here.asked()) == good

        def changed(data: bytes) -> bytes:
            at = chance.randrange(len(data))
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(7))]) + data[at + 1 :]

        here.smp.alter = changed
        for _ in range(scaled(1_000)):
            try:
                found = finding.find(WHO, INVOICE, BILLING, here.asked())
            except (LookupFailed, ServiceNotFound):
                refused += 1
                continue
            same += found == good
            other += found != good
    value = f"{accepted} of 12 forms; {refused:,} refused, {same} say the same, {other} something else"
    return Figure(value, accepted == 12 and not other and refused > same)


@figure("lookup-wildcards", bar="the best match of the policy, beside a slow search that knows nothing of the order; 0 differences", item=2)
def wildcards() -> Figure:
    """Random registrations and documents: ours beside the longest registered beginning."""
    from einvoice_peppol.identifiers.values import WILDCARD, DocumentType
    from einvoice_peppol.lookup import matching

    chance, total, matched, wrong = random.Random(4), scaled(20_000), 0, 0
    for _ in range(total):
        registered = {_parts(chance) + chance.choice(["", "*"]) for _ in range(chance.randint(0, 6))}
        wanted = _parts(chance)
        beginning = [one for one in registered if one.endswith("*") and f"{wanted}@".startswith(f"{one[:-1]}@")]
        right = wanted if wanted in registered else max(beginning, key=len, default=None)

        def kind(customization: str) -> DocumentType:
            return DocumentType(f"urn:x::Invoice##{customization}::2.1", WILDCARD)

        found = matching.best(kind(wanted), [kind(one) for one in registered])
        matched += found is not None
        wrong += found != (kind(right) if right else None)
    return Figure(f"{total:,} cases, {matched:,} with a match, {wrong} differences", not wrong and 0 < matched < total)


def _parts(chance: random.Random) -> str:
    return "@".join(chance.choices("abc", k=chance.randint(1, 4)))


@figure(
    "lookup-memory",
    bar="never more entries than allowed, nothing past its time, failures asked again; a second time nobody is asked",
    item=2,
)
def memory() -> Figure:
    """Many participants through a small memory; one whose endpoint ends; one that could not be asked."""
    from einvoice.errors import LookupFailed, ServiceNotFound
    from einvoice_peppol.identifiers.values import Participant
    from einvoice_peppol.lookup import finding
    from einvoice_peppol.lookup.cache import Cache
    from tests.peppol.networks import BILLING, INVOICE, NOW, URL, WHO, standing

    total = scaled(200)
    with standing() as here:
        network = here.asked()._replace(cache=Cache(here.clock, most=50))
        most = 0
        for number in range(total):
            who = Participant("0208", f"{number:010}")
            here.sml.register(who, here.smp.url)
            here.smp.register(who, INVOICE, BILLING, url=URL, certificate=here.access_point.certificate)
            finding.find(who, INVOICE, BILLING, network)
            most = max(most, len(network.cache))
        asked = len(here.smp.asked) + len(here.sml.asked)
        finding.find(Participant("0208", f"{total - 1:010}"), INVOICE, BILLING, network)
        again = len(here.smp.asked) + len(here.sml.asked) - asked
        here.smp.forget(WHO, INVOICE)
        here.register(expiration=NOW + timedelta(seconds=30))
        finding.find(WHO, INVOICE, BILLING, network)
        here.clock.turn(30)
        ended = _raises(ServiceNotFound, lambda: finding.find(WHO, INVOICE, BILLING, network))
        fresh = here.asked()
        here.smp.status = 500
        failed = _raises(LookupFailed, lambda: finding.find(WHO, INVOICE, BILLING, fresh))
        here.smp.status = None
        here.smp.forget(WHO, INVOICE)
        here.register()
        healed = finding.find(WHO, INVOICE, BILLING, fresh).url == URL
    value = f"{most} of 50 entries, {total} participants, {again} requests again; ended {ended}, failed {failed}, then found {healed}"
    return Figure(value, most <= 50 and again == 0 and ended and failed and healed)


def _raises(failure: type[Exception], do: object) -> bool:
    try:
        do()  # type: ignore[operator]
    except failure:
        return True
    return False


@figure("lookup-verb", bar="found 0, not registered 1, no such service 1, not to be asked 2, a stranger's word 2; text and JSON", item=2)
def verb() -> Figure:
    """`einvoice lookup` as a program of its own, against real DNS, SMP and directory servers."""
    from einvoice_peppol.lookup.words import WORDS
    from tests.peppol import directory
    from tests.peppol.networks import WHO, standing, trusted

    with TemporaryDirectory() as home, standing() as here, directory.serving([directory.match(WHO.id, "Brouwerij")]) as cards:
        environment = {**os.environ, **trusted(here, Path(home)), "EINVOICE_PEPPOL_DIRECTORY": cards.url}

        def run(*words: str) -> tuple[int, str]:
            command = [sys.executable, "-m", "einvoice.cli", "lookup", *words]
            ran = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=home)
            return ran.returncode, ran.stdout.decode()

        codes = [run(WHO.id)[0], run("0208:0987654365")[0], run(WHO.id, "--document", "mls")[0], run("--search", "brouwerij")[0]]
        code, text = run(WHO.id, "--document", "invoice", "--format", "json")
        said = json.loads(text)["services"][0]
        right = (said["access_point"], said["document"], said["url"]) == ("PBE000123", str(WORDS["invoice"]), "http://127.0.0.1:9/as4")
        here.smp.identity = here.strangers.smp("PNL000901")
        codes += [code, run(WHO.id)[0]]
        here.sml.mode = "servfail"
        codes.append(run(WHO.id)[0])
    return Figure(f"exit codes {codes}, JSON right: {right}", codes == [0, 1, 1, 0, 0, 2, 2] and right)
