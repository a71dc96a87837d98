"""A real server of the DNS for tests, on this machine by UDP and TCP: the SML of a network of our own.

    with dns.serving() as sml:
        sml.register(Participant("0208", "0123456789"), "http://127.0.0.1:8000")
        sml.address        # "127.0.0.1:5353", as the setting [peppol] dns names it
        sml.zone           # "participant.sml.test.example.", as the setting [peppol] zone names it
        sml.mode = "servfail"

Modes: `fine`; `servfail`, `refused`, `silent` (no answer at all), `garbage` (bytes that are no message), `other` (the answer to another
question), `large` (a datagram holds nothing but the bit that it was cut; TCP tells all), `large_without_tcp`.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from einvoice_peppol.identifiers.values import Participant

ZONE = "participant.sml.test.example."


class Dns:
    """The server: what it knows, how it behaves, what it was asked (`udp` or `tcp`, the name in lower case, the type)."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.mode = "fine"
        self.asked: list[tuple[str, str, str]] = []
        self._records: dict[str, list[str]] = {}
        self._udp, self._tcp = _sockets()
        self._stopped = False

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._udp.getsockname()[1]}"

    def name(self, participant: Participant) -> str:
        """The name of a participant, worked out apart from the package: base32 of the SHA-256, the scheme, the zone."""
        digest = hashlib.sha256(f"{participant.scheme}:{participant.value}".lower().encode()).digest()
        return base64.b32encode(digest).decode().strip("=") + ".iso6523-actorid-upis." + self.zone

    def register(self, participant: Participant, smp: str, *, order: int = 100, preference: int = 10) -> None:
        """Registers a participant at an SMP."""
        self.add(participant, f'{order} {preference} "U" "Meta:SMP" "!.*!{smp}!" .')

    def add(self, participant: Participant, record: str, kind: str = "NAPTR") -> None:
        """Adds a record in the words of a zone file: `100 10 "U" "Meta:SMP" "!.*!https://smp.example!" .`."""
        self._records.setdefault(self.name(participant).lower(), []).append(f"60 IN {kind} {record}")

    def forget(self, participant: Participant) -> None:
        """Takes a participant out."""
        self._records.pop(self.name(participant).lower(), None)

    def start(self) -> None:
        """Listens in threads of its own."""
        for listen in (self._listen_udp, self._listen_tcp):
            threading.Thread(target=listen, daemon=True).start()

    def stop(self) -> None:
        """Ends them."""
        self._stopped = True
        for each in (self._udp, self._tcp):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen_udp(self) -> None:
        while not self._stopped:
            try:
                data, whom = self._udp.recvfrom(4096)
            except OSError:
                continue
            answer = self._answer(data, "udp") if data else None
            if answer is not None:
                self._udp.sendto(answer, whom)

    def _listen_tcp(self) -> None:
        while not self._stopped:
            try:
                caller, _ = self._tcp.accept()
            except OSError:
                continue
            threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with closing(caller), suppress(OSError, struct.error):
            caller.settimeout(5)
            (length,) = struct.unpack("!H", caller.recv(2))
            answer = self._answer(caller.recv(length), "tcp")
            if answer is not None:
                caller.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, data: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text().lower()
        self.asked.append((transport, name, dns.rdatatype.to_text(question.rdtype)))
        if self.mode == "silent" or (self.mode == "large_without_tcp" and transport == "tcp"):
            return None
        if self.mode == "garbage":
            return b"\x00" * 7
        return self._message(query, name, transport).to_wire(max_size=65_535)

    def _message(self, query: dns.message.Message, name: str, transport: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        if self.mode in ("servfail", "refused"):
            answer.set_rcode(dns.rcode.from_text(self.mode.upper()))
            return answer
        if self.mode.startswith("large") and transport == "udp":
            answer.flags |= dns.flags.TC
            return answer
        if self.mode == "other":
            answer.question = [dns.rrset.RRset(dns.name.from_text("other.example."), query.question[0].rdclass, query.question[0].rdtype)]
        found = self._records.get(name)
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            asked = query.question[0].name
            answer.answer = [rrset for line in found if (rrset := _rrset(asked, line)).rdtype == query.question[0].rdtype]
        return answer


def _rrset(name: dns.name.Name, line: str) -> dns.rrset.RRset:
    ttl, _, kind, text = line.split(" ", 3)
    return dns.rrset.from_text(name, int(ttl), "IN", kind, text)


def _sockets() -> tuple[socket.socket, socket.socket]:
    """One port, by UDP and by TCP."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
            continue
        tcp.listen(20)
        return udp, tcp


@contextmanager
def serving(zone: str = ZONE) -> Iterator[Dns]:
    """The server, while the block runs."""
    server = Dns(zone)
    server.start()
    try:
        yield server
    finally:
        server.stop()
