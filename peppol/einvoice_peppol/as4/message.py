"""A user message of AS4 as a value, and the words that the Peppol profile fixes (AS4 profile 2.0.3, ebMS 3.0 core 5.2)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from einvoice_peppol.identifiers import DocumentType, Participant, Process

EBMS = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
SIGNALS = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
AGREEMENT = "urn:fdc:peppol.eu:2017:agreements:tia:ap_provider"
PARTY = "urn:fdc:peppol.eu:2017:identifiers:ap"
INITIATOR = f"{EBMS}initiator"
RESPONDER = f"{EBMS}responder"
MPC = f"{EBMS}defaultMPC"


class UserMessage(NamedTuple):
    """What the header of a user message says; parties are seat ids (the CN of their certificates), times are UTC."""

    message_id: str
    timestamp: datetime
    conversation_id: str
    sender_party: str
    receiver_party: str
    original_sender: Participant
    final_recipient: Participant
    document: DocumentType
    process: Process


class Reference(NamedTuple):
    """What a signature covers: a part's URI (`#id`, `cid:…`), its transforms in order, and its SHA-256 digest in Base64.

    `transforms` are the algorithms, each with the prefixes that it includes, empty where it names none.
    """

    uri: str
    transforms: tuple[tuple[str, str], ...]
    digest: str
