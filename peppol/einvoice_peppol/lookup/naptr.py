"""The SML: which SMP knows a participant, a U-NAPTR record of the DNS (SML 1.3.0; RFC 3403, 4848).

The rewrite rule of a record is never run as a regular expression: the network allows one form of it, `!.*!https://…!`, which is taken
apart by its separators.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from typing import NamedTuple

import dns.exception
import dns.nameserver
import dns.resolver
from dns.rdtypes.IN.NAPTR import NAPTR

from einvoice.errors import LookupFailed, ParticipantNotFound
from einvoice_peppol.identifiers.values import PARTICIPANTS, Participant
from einvoice_peppol.lookup import addresses

_SERVICE = "meta:smp"
_EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$"})
_PATIENCE = 10.0
"""Seconds that a question may take, with every server asked and asked again."""


class Located(NamedTuple):
    """The SMP of a participant: its address without a slash at the end, and the seconds for which that may be remembered."""

    url: str
    ttl: int


class Record(NamedTuple):
    """A NAPTR record; a lower order goes first, then a lower preference."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str


def name(participant: Participant, zone: str) -> str:
    """The name to ask for: base32 of the SHA-256 of the value in lower case without `=`, then the scheme and the zone.

    Policy for Use of Identifiers 4.4.0, POLICY 7: `9915:test` → `eh5boava….iso6523-actorid-upis.` and the zone.
    """
    digest = hashlib.sha256(participant.id.lower().encode()).digest()
    label = base64.b32encode(digest).decode().rstrip("=").lower()
    return f"{label}.{PARTICIPANTS}.{zone.rstrip('.')}."


def resolver(servers: tuple[str, ...] = (), patience: float = _PATIENCE) -> dns.resolver.Resolver:
    """Whom to ask: the machine's own servers, or those named (`192.0.2.1`, `127.0.0.1:5353`, `[::1]:5353`).

    An answer that does not fit into a datagram is asked for again by TCP. Raises LookupFailed where there is no server.
    """
    try:
        found = dns.resolver.Resolver(configure=not servers)
        if servers:
            found.nameservers = [dns.nameserver.Do53Nameserver(*_parted(server)) for server in servers]
    except (dns.resolver.NoResolverConfiguration, OSError, ValueError) as fault:
        raise LookupFailed(f"no server of the DNS is known: {fault}; name one in [peppol] dns, as 192.0.2.1 or 192.0.2.1:53") from None
    found.lifetime = patience
    found.timeout = min(3.0, patience)
    found.cache = None
    return found


def locate(participant: Participant, zone: str, asked: dns.resolver.Resolver, *, local: bool = False) -> Located:
    """The SMP that a participant is registered at.

    Raises ParticipantNotFound where the SML says that it does not know the participant, LookupFailed where it could not be asked or
    what it says is of no use.
    """
    records, ttl = _ask(participant, name(participant, zone), asked)
    if not records:
        raise ParticipantNotFound(f"{participant.id} is not registered in {zone.rstrip('.')}: its entry there names no SMP")
    wrong = []
    for record in sorted(records):
        try:
            return Located(addresses.checked(target(record.regexp), local).rstrip("/"), ttl)
        except ValueError as fault:
            wrong.append(str(fault))
    raise LookupFailed(
        f"the entry of {participant.id} in {zone.rstrip('.')} is of no use: {'; '.join(wrong[:3])}; its provider must mend it"
    )


def target(regexp: str) -> str:
    """The address in the rewrite rule of a record; ValueError where it is not the one form that the network allows."""
    if not regexp or regexp[0] in "\\0123456789iI" or regexp[0].isalpha():
        raise ValueError(f"{regexp[:80]!r} is no rewrite rule")
    parts = regexp[1:].split(regexp[0])
    if len(parts) != 3 or parts[0] not in _EVERYTHING or parts[2].lower() not in ("", "i") or "\\" in parts[1]:
        raise ValueError(f"{regexp[:80]!r} is not of the form !.*!https://…!")
    return parts[1]


def _ask(participant: Participant, question: str, asked: dns.resolver.Resolver) -> tuple[list[Record], int]:
    try:
        answer = asked.resolve(question, "NAPTR", raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN:
        raise ParticipantNotFound(f"{participant.id} is not registered in the network: the SML knows no {question}") from None
    except dns.exception.DNSException as fault:
        words = " ".join(str(fault).split())[:300] or type(fault).__name__
        raise LookupFailed(f"the SML could not be asked for {participant.id}: {words}; try again later") from None
    except (OSError, ValueError) as fault:
        raise LookupFailed(f"the SML could not be asked for {participant.id}: {fault}; look at [peppol] dns") from None
    found = [_record(each) for each in answer.rrset or ()]
    ttl = int(answer.rrset.ttl) if answer.rrset else 0
    return [record for record in found if record.service.lower() == _SERVICE and record.flags.lower() == "u"], ttl


def _record(found: NAPTR) -> Record:
    flags, service, regexp = (value.decode("utf-8", "replace") for value in (found.flags, found.service, found.regexp))
    return Record(found.order, found.preference, flags, service, regexp)


def _parted(server: str) -> tuple[str, int]:
    """The address in numbers and the port of a server; ValueError where it is none."""
    if server.startswith("["):
        host, _, port = server[1:].partition("]")
    else:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    return str(ipaddress.ip_address(host)), int(port.removeprefix(":") or 53)
