"""Asks the Peppol network what a participant takes, until when, at which access point; or searches its directory by name.

The answer is the SMP's, its signature and the certificate of each access point checked against the trust anchors (`einvoice peppol
trust`). An entry of the directory is what somebody published some day: it proves nothing, the lookup does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from einvoice.settings.peppol import Peppol
    from einvoice_peppol.identifiers.values import DocumentType, Participant
    from einvoice_peppol.lookup.directory import Entry
    from einvoice_peppol.lookup.finding import Registration, Service, Unusable
    from einvoice_peppol.lookup.network import Network

USAGE = "[PARTICIPANT]"
EXTRA = "peppol"
EXAMPLES = """\
  einvoice lookup 0208:0123456749
  einvoice lookup 0106:12345678 --document invoice --network production
  einvoice lookup 0208:0123456749 --document nlcius --format json
  einvoice lookup --search Brouwerij --country BE
"""
_MOST_FOUND = 100


def options(parser: ArgumentParser) -> None:
    """What `lookup` understands."""
    parser.add_argument("participant", nargs="?", metavar="PARTICIPANT", help="whom to look up, as 0208:0123456749")
    what = "one document type alone: a word (invoice, credit-note, nlcius, mls, …), its name in the network's list, or its identifier"
    parser.add_argument("--document", metavar="NAME|ID", help=what)
    parser.add_argument("--network", choices=("test", "production"), help="which network; the setting [peppol] network unless told")
    parser.add_argument("--search", metavar="TEXT", help="search the directory for a name instead")
    parser.add_argument("--country", metavar="CODE", help="with --search: of this country, as BE")
    parser.add_argument(
        "--most", type=int, default=_MOST_FOUND, metavar="N", help=f"with --search: so many entries; {_MOST_FOUND} unless told"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def run(options: Namespace) -> int:
    """Prints what was found; 0 where there is something, 1 where the network says that there is nothing, 2 where it could not be asked."""
    from einvoice.errors import SettingsError
    from einvoice.settings import current

    settings = current().peppol
    if options.most < 1:
        raise SettingsError(f"--most is {options.most}; write a number from 1")
    if options.network and options.network != settings.network:
        settings = settings._replace(network=options.network, zone=None, directory=None)
    if (options.participant is None) == (options.search is None):
        raise SettingsError("name a participant, as 0208:0123456749, or search for one with --search TEXT")
    return _search(options, settings) if options.search is not None else _lookup(options, settings)


def _lookup(options: Namespace, settings: Peppol) -> int:
    from einvoice.errors import LookupFailed, ParticipantNotFound, ServiceNotFound
    from einvoice_peppol.http import Client
    from einvoice_peppol.lookup import finding, network, words
    from einvoice_peppol.pki import trusting

    participant = _participant(options.participant)
    document = words.document(options.document) if options.document else None
    http = Client()
    try:
        asked = network.of(settings, http, trusting.load(settings, http))
        found = finding.services(participant, asked, document, each=_watched)
    except (ParticipantNotFound, ServiceNotFound, LookupFailed) as fault:
        return _tell_failure(options, participant, settings.network, fault)
    finally:
        http.close()
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text(_as_json(found, asked), indent=1))
    else:
        _print(found, asked)
    if found.services:
        return 0
    return 1 if all(one.known for one in found.unusable) else 2


def _participant(text: str) -> Participant:
    """The participant; one whose check digits are wrong is asked for all the same, because it may be registered so."""
    from einvoice.cli.problems import warn
    from einvoice.errors import BadIdentifier
    from einvoice_peppol.identifiers import participants

    found = participants.parse(text, strict=False)
    try:
        participants.parse(text)
    except BadIdentifier as fault:
        warn(f"einvoice: {fault}")
    return found


def _watched(documents: Sequence[DocumentType]) -> Iterable[DocumentType]:
    from einvoice.cli.progress import progress

    return progress(documents, len(documents))


def _tell_failure(options: Namespace, participant: Participant, network: str, fault: Exception) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.cli.problems import tell
    from einvoice.errors import LookupFailed, ParticipantNotFound

    if options.format == "json":
        name = type(fault).__name__
        print(
            json_text({"participant": participant.id, "network": network, "failure": name, "reason": str(fault), "services": []}, indent=1)
        )
    elif isinstance(fault, LookupFailed):
        tell(fault)
    else:
        word = "not registered" if isinstance(fault, ParticipantNotFound) else "no such service"
        print(f"{participant.id}: {word} in the {network} network; {_clean(fault)}")
    return 2 if isinstance(fault, LookupFailed) else 1


def _print(found: Registration, network: Network) -> None:
    from itertools import groupby

    print(f"{found.participant.id} in the {network.name} network, by the SMP {_clean(found.smp)}")
    for document, services in groupby(found.services, key=lambda one: one.document):
        _print_document(document)
        for one in services:
            _print_service(one)
    if found.unusable:
        print("\nregistered, and not to be used now:")
    for unusable in found.unusable:
        _print_document(unusable.document)
        if unusable.process:
            print(f"    process       {_clean(unusable.process.value)}")
        print(f"    because       {_clean(unusable.reason)}")
    if not found.services and not found.unusable:
        print("it takes no documents at all")


def _print_document(document: DocumentType) -> None:
    from einvoice_peppol.lookup import words

    print(f"\n  {words.called(document) or 'a document type that the list does not name'}\n    {_clean(document)}")


def _print_service(service: Service) -> None:
    certificate = service.certificate
    until = f"until {service.expiration:%Y-%m-%d %H:%M} UTC" if service.expiration else "without an end"
    since = f"since {service.activation:%Y-%m-%d}, " if service.activation else ""
    print(f"    process       {_clean(service.process.value)}")
    print(f"    taken         {since}{until}")
    print(f"    access point  {_clean(service.seat)}, {_clean(service.url)}")
    print(f"    certificate   until {certificate.not_valid_after_utc:%Y-%m-%d}, serial {certificate.serial_number:x}")
    print(f"    contact       {_clean(service.contact) or 'none stated'}")


def _clean(text: object) -> str:
    """What others wrote, without what a terminal would obey instead of show."""
    from einvoice.rendering.values import clean

    return clean(str(text)).replace("\n", " ")


def _as_json(found: Registration, network: Network) -> dict[str, Any]:
    return {
        "participant": found.participant.id,
        "network": network.name,
        "smp": found.smp,
        "services": [_service_json(one) for one in found.services],
        "unusable": [_unusable_json(one) for one in found.unusable],
    }


def _service_json(service: Service) -> dict[str, Any]:
    from cryptography.hazmat.primitives.hashes import SHA256

    from einvoice_peppol.lookup import words

    certificate = service.certificate
    return {
        "document": str(service.document),
        "name": words.called(service.document) or None,
        "process": str(service.process),
        "activation": service.activation and service.activation.isoformat(),
        "expiration": service.expiration and service.expiration.isoformat(),
        "access_point": service.seat,
        "url": service.url,
        "certificate": {
            "subject": certificate.subject.rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "expires": certificate.not_valid_after_utc.isoformat(),
            "sha256": certificate.fingerprint(SHA256()).hex(),
        },
        "contact": service.contact or None,
        "description": service.description or None,
        "signed_by": service.smp_id,
    }


def _unusable_json(one: Unusable) -> dict[str, Any]:
    process = str(one.process) if one.process else None
    return {"document": str(one.document), "process": process, "reason": one.reason, "known": one.known}


def _search(options: Namespace, settings: Peppol) -> int:
    from einvoice_peppol.http import Client
    from einvoice_peppol.lookup import directory, network

    http = Client()
    base = (settings.directory or network.DIRECTORIES[settings.network]).rstrip("/")
    try:
        found = [*directory.search(http, base, options.search, country=options.country, most=options.most)]
    finally:
        http.close()
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text([entry._asdict() for entry in found], indent=1))
    else:
        for entry in found:
            _print_entry(entry)
        proof = "; what the directory says proves nothing, `einvoice lookup PARTICIPANT` does" if found else ""
        print(f"{len(found)} found in the directory of the {settings.network} network{proof}")
    return 0 if found else 1


def _print_entry(entry: Entry) -> None:
    names = ", ".join(entry.names) or "without a name"
    print(
        f"{_clean(entry.participant):28} {_clean(names)} ({_clean(entry.country or 'no country')}), {len(entry.documents)} document types"
    )
