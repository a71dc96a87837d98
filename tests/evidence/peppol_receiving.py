"""Figures of receiving by AS4: attacks refused by the right code, mutants, bombs, 100 MB in bounded memory."""

from __future__ import annotations

import importlib
from collections import Counter

from tests.evidence import Figure, figure, scaled


@figure("as4-attacks", bar="every signed or required field altered, removed, doubled or replayed is refused by its code", item=4)
def as4_attacks() -> Figure:
    """The table of attacks, made of a good message that is accepted."""
    from einvoice_peppol.as4.ebms import Refused
    from tests.peppol.as4_access_points import ear
    from tests.peppol.as4_attacks import attacks
    from tests.peppol.as4_messages import made

    here, wrong, codes = ear(), [], Counter[str]()
    here.hear(made(here.recipe)).body.drop()
    for attack in attacks():
        try:
            here.hear(attack.make(here.recipe)).body.drop()
            wrong.append(f"{attack.name}: accepted")
        except Refused as refused:
            codes[refused.error.code] += 1
            if refused.error.code != attack.code:
                wrong.append(f"{attack.name}: {refused.error.code}")
    told = f"{codes.total()} attacks refused, {len(codes)} codes, {len(wrong)} otherwise than they should"
    return Figure("; ".join([told, *wrong[:3]]), not wrong and codes.total() >= 300)


@figure("as4-signers", bar="a signer of another network, role, purpose or time is refused, whatever the fault of the certificate", item=4)
def as4_signers() -> Figure:
    """Each fault that a certificate of the test PKI can have."""
    from einvoice_peppol.as4.ebms import FAILED_AUTHENTICATION, Refused
    from tests.peppol.as4_access_points import ear, strangers
    from tests.peppol.as4_changes import text
    from tests.peppol.as4_messages import made

    here, accepted, count = ear(), [], 0
    for name, own in strangers(here.pki):
        count += 1
        try:
            here.hear(made(here.recipe.but(own=own, before=text("eb:From/eb:PartyId", "PDE000001")))).body.drop()
            accepted.append(name)
        except Refused as refused:
            if refused.error != FAILED_AUTHENTICATION:
                accepted.append(f"{name}: {refused.error.code}")
    return Figure("; ".join([f"{count} signers, {len(accepted)} not refused by EBMS:0101", *accepted[:3]]), not accepted and count > 20)


@figure(
    "as4-mutants", bar="100,000 mutants, half parseable: no traceback, nothing altered accepted, memory grows by less than 50 MB", item=4
)
def as4_mutants() -> Figure:
    from tests.fuzz import as4

    outcome = as4.run_in_two(scaled(100_000))
    parseable = outcome.share("parseable")
    told = f"{outcome.fates['all']:,} mutants, {len(outcome.faults)} faults, {parseable:.0%} parseable, +{outcome.growth:.0f} MB"
    counted = f"{told}, slowest {outcome.slowest:.2f} s"
    return Figure("; ".join([counted, *outcome.faults[:3]]), not outcome.faults and parseable >= 0.5 and outcome.growth < 50)


@figure("as4-bombs", bar="bombs of gzip (10 GB), XML and MIME are stopped within 2 s each and 50 MB", item=4)
def as4_bombs() -> Figure:
    bombs = importlib.import_module("tests.peppol.as4_bombs").explode()
    slowest, most = max(bombs, key=lambda one: one.seconds), max(bombs, key=lambda one: one.megabytes)
    escaped = [one.name for one in bombs if not one.is_refused]
    told = f"{len(bombs)} bombs, slowest {slowest.name} {slowest.seconds:.2f} s, most {most.name} +{most.megabytes:.0f} MB"
    return Figure("; ".join([told, *escaped]), not escaped and slowest.seconds <= 2 and most.megabytes <= 50)


@figure("as4-receives-100-mb", bar="100 MB, in lines and as one text node: <= 4 s each, <= 64 MB above base", item=4)
def as4_receives_100_mb() -> Figure:
    from tests.speed.peppol_receiving import large

    found = {shape: large(shape) for shape in ("lines", "node")}
    told = "; ".join(f"{shape}: {one.document:.0f} MB in {one.seconds:.1f} s, +{one.above:.0f} MB" for shape, one in found.items())
    return Figure(told, all(one.seconds <= 4 and one.above <= 64 and one.document >= 100 for one in found.values()))
