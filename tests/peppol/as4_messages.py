"""AS4 messages made step by step by other means than ours, each step open to an attacker who may or may not hold a trusted key."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from einvoice_peppol.pki.identity import Identity, common_name

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DOCUMENT = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##"
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
)
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SENDER, RECEIVER = "9930:de123456789", "0208:0123456749"
NAMESPACES = {
    "S12": "http://www.w3.org/2003/05/soap-envelope",
    "eb": "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "xenc11": "http://www.w3.org/2009/xmlenc11#",
}
SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
X509_V3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
CORE_WORDS = (
    "Messaging",
    "UserMessage",
    "SignalMessage",
    "Header",
    "Body",
    "Envelope",
    "Security",
    "Signature",
    "EncryptedKey",
    "Reference",
)
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256_URI, SHA1_URI = "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"
RSA_SHA256, RSA_SHA1 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
CID = "payload-1@sender.test"

Change = Callable[[etree._Element], None]


def nothing(root: etree._Element) -> None:
    """Leaves an envelope as it is."""


def sbdh(payload: str = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", **other: str) -> bytes:
    """A document in its SBDH; `other` replaces what it says: sender, receiver, document, process, country."""
    says = {"sender": SENDER, "receiver": RECEIVER, "document": DOCUMENT, "process": PROCESS, "country": "DE"} | other
    scopes = [("DOCUMENTID", says["document"], "busdox-docid-qns"), ("PROCESSID", says["process"], "cenbii-procid-ubl")]
    scope = "".join(
        f"<Scope><Type>{kind}</Type><InstanceIdentifier>{value}</InstanceIdentifier><Identifier>{scheme}</Identifier></Scope>"
        for kind, value, scheme in scopes
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"><StandardBusinessDocumentHeader>
<HeaderVersion>1.0</HeaderVersion>
<Sender><Identifier Authority="iso6523-actorid-upis">{says["sender"]}</Identifier></Sender>
<Receiver><Identifier Authority="iso6523-actorid-upis">{says["receiver"]}</Identifier></Receiver>
<DocumentIdentification><Standard>urn:oasis:names:specification:ubl:schema:xsd:Invoice-2</Standard><TypeVersion>2.1</TypeVersion>
<InstanceIdentifier>instance-1</InstanceIdentifier><Type>Invoice</Type><CreationDateAndTime>2026-11-28T11:59:00Z</CreationDateAndTime>
</DocumentIdentification>
<BusinessScope>{scope}<Scope><Type>COUNTRY_C1</Type><InstanceIdentifier>{says["country"]}</InstanceIdentifier></Scope></BusinessScope>
</StandardBusinessDocumentHeader>{payload}</StandardBusinessDocument>""".encode()


@dataclass(frozen=True)
class Recipe:
    """How a message is made. `own` signs, `receiver` may decrypt; each change is made at its moment.

    `before` changes the envelope before it is signed, `after` when all is done. `transforms`, `digest`, `method` and `canonical` are
    the algorithms that the signature names and uses. `cipher` changes the encrypted attachment, `packed` the gzip before it is signed.
    """

    own: Identity
    receiver: x509.Certificate
    document: bytes = field(default_factory=sbdh)
    message_id: str = "message-1@sender.test"
    moment: str = "2026-11-28T11:59:30Z"
    before: Change = nothing
    signing: Change = nothing
    after: Change = nothing
    packed: Callable[[bytes], bytes] = lambda data: data
    cipher: Callable[[bytes], bytes] = lambda data: data
    method: str = RSA_SHA256
    digest: str = SHA256_URI
    covers: tuple[str, ...] = ("messaging", "body", "attachment")
    is_signed: bool = True
    is_encrypted: bool = True
    token: x509.Certificate | None = None

    def but(self, **changes: object) -> Recipe:
        """The same with something else."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Made:
    """A message: its envelope and its attachment, not yet in MIME."""

    envelope: bytes
    attachment: bytes
    boundary: str = "=_boundary"

    @property
    def content_type(self) -> str:
        """Of the whole."""
        return f'multipart/related; boundary="{self.boundary}"; type="application/soap+xml"; start="<root@sender.test>"'

    def parts(self) -> list[bytes]:
        """Its parts with their headers."""
        root = b'Content-Type: application/soap+xml; charset="UTF-8"\r\nContent-ID: <root@sender.test>\r\n'
        rest = f"Content-Type: application/octet-stream\r\nContent-ID: <{CID}>\r\n".encode()
        binary = b"Content-Transfer-Encoding: binary\r\n\r\n"
        return [root + binary + self.envelope, rest + binary + self.attachment]

    def body(self, parts: list[bytes] | None = None) -> bytes:
        """The whole, of these parts or its own."""
        line = f"--{self.boundary}".encode()
        used = self.parts() if parts is None else parts
        return b"".join(line + b"\r\n" + part + b"\r\n" for part in used) + line + b"--\r\n"

    def stream(self) -> BytesIO:
        """The whole, to be read."""
        return BytesIO(self.body())


def made(recipe: Recipe) -> Made:
    """Makes the message."""
    root = etree.fromstring(_envelope(recipe))
    packed = recipe.packed(gzip.compress(recipe.document, 6, mtime=0))
    recipe.before(root)
    security = find(root, "wsse:Security")
    if recipe.is_signed:
        _sign(recipe, root, security, packed)
    attachment = packed
    if recipe.is_encrypted:
        attachment = recipe.cipher(_encrypt(recipe, security, packed))
    recipe.after(root)
    return Made(etree.tostring(root, encoding="utf-8", xml_declaration=True), attachment)


def find(root: etree._Element, path: str) -> etree._Element:
    """The first element anywhere below that a name (`eb:Service`) or a path finds."""
    found = root.find(f".//{path}", NAMESPACES)
    assert found is not None, path
    return found


def tag(name: str) -> str:
    """The full name of `eb:Service`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def element(text: str) -> etree._Element:
    """An element written with the prefixes above."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return etree.fromstring(f"<x {declared}>{text}</x>")[0]


def canonical(target: etree._Element) -> bytes:
    """The exclusive form without a list of prefixes, as lxml makes it."""
    return bytes(etree.tostring(target, method="c14n", exclusive=True, with_comments=False))


def signature_value(recipe: Recipe, signed_info: etree._Element) -> str:
    """The signature over a SignedInfo as it stands in its tree."""
    hashing = SHA1() if recipe.method == RSA_SHA1 else SHA256()  # noqa: S303  # what an attacker would use
    return base64.b64encode(recipe.own.key.sign(canonical(signed_info), PKCS1v15(), hashing)).decode()


def resign(recipe: Recipe, root: etree._Element, *, digests: bool = True) -> None:
    """Signs again what was changed after signing: every digest of an element, and the value."""
    by_id = {found.get(tag("wsu:Id")): found for found in root.iter() if isinstance(found.tag, str)}
    for reference in root.iterfind(".//ds:SignedInfo/ds:Reference", NAMESPACES) if digests else ():
        target = by_id.get((reference.get("URI") or "").removeprefix("#"))
        if target is not None:
            find(reference, "ds:DigestValue").text = base64.b64encode(hashlib.sha256(canonical(target)).digest()).decode()
    find(root, "ds:SignatureValue").text = signature_value(recipe, find(root, "ds:SignedInfo"))


def _envelope(recipe: Recipe) -> str:
    declared = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("S12", "eb", "wsse", "wsu"))
    core = NAMESPACES["eb"]
    return f"""<S12:Envelope {declared}><S12:Header>
<eb:Messaging S12:mustUnderstand="true" wsu:Id="messaging"><eb:UserMessage>
<eb:MessageInfo><eb:Timestamp>{recipe.moment}</eb:Timestamp><eb:MessageId>{recipe.message_id}</eb:MessageId></eb:MessageInfo>
<eb:PartyInfo><eb:From><eb:PartyId type="urn:fdc:peppol.eu:2017:identifiers:ap">{common_name(recipe.own.certificate)}</eb:PartyId>
<eb:Role>{core}initiator</eb:Role></eb:From>
<eb:To><eb:PartyId type="urn:fdc:peppol.eu:2017:identifiers:ap">{common_name(recipe.receiver)}</eb:PartyId>
<eb:Role>{core}responder</eb:Role></eb:To></eb:PartyInfo>
<eb:CollaborationInfo><eb:AgreementRef>urn:fdc:peppol.eu:2017:agreements:tia:ap_provider</eb:AgreementRef>
<eb:Service type="cenbii-procid-ubl">{PROCESS}</eb:Service><eb:Action>busdox-docid-qns::{DOCUMENT}</eb:Action>
<eb:ConversationId>conversation-1</eb:ConversationId></eb:CollaborationInfo>
<eb:MessageProperties><eb:Property name="originalSender" type="iso6523-actorid-upis">{SENDER}</eb:Property>
<eb:Property name="finalRecipient" type="iso6523-actorid-upis">{RECEIVER}</eb:Property></eb:MessageProperties>
<eb:PayloadInfo><eb:PartInfo href="cid:{CID}"><eb:PartProperties><eb:Property name="MimeType">application/xml</eb:Property>
<eb:Property name="CompressionType">application/gzip</eb:Property></eb:PartProperties></eb:PartInfo></eb:PayloadInfo>
</eb:UserMessage></eb:Messaging><wsse:Security S12:mustUnderstand="true"/></S12:Header><S12:Body wsu:Id="body"/></S12:Envelope>"""


def _token(certificate: x509.Certificate, name: str) -> str:
    data = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return f'<wsse:BinarySecurityToken wsu:Id="{name}" EncodingType="{BASE64}" ValueType="{X509_V3}">{data}</wsse:BinarySecurityToken>'


def _key_info(name: str) -> str:
    reference = f'<wsse:Reference URI="#{name}" ValueType="{X509_V3}"/>'
    return f"<ds:KeyInfo><wsse:SecurityTokenReference>{reference}</wsse:SecurityTokenReference></ds:KeyInfo>"


def _reference(recipe: Recipe, uri: str, transform: str, data: bytes) -> str:
    hashed = hashlib.new("sha1" if recipe.digest == SHA1_URI else "sha256", data).digest()
    return (
        f'<ds:Reference URI="{uri}"><ds:Transforms><ds:Transform Algorithm="{transform}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{recipe.digest}"/><ds:DigestValue>{base64.b64encode(hashed).decode()}</ds:DigestValue></ds:Reference>'
    )


def _sign(recipe: Recipe, root: etree._Element, security: etree._Element, packed: bytes) -> None:
    targets = {
        "messaging": lambda: _reference(recipe, "#messaging", EXCLUSIVE, canonical(find(root, "eb:Messaging"))),
        "body": lambda: _reference(recipe, "#body", EXCLUSIVE, canonical(find(root, "S12:Body"))),
        "attachment": lambda: _reference(recipe, f"cid:{CID}", f"{SWA}Attachment-Content-Signature-Transform", packed),
    }
    references = "".join(targets[name]() for name in recipe.covers)
    security.append(element(_token(recipe.token or recipe.own.certificate, "signer")))
    security.append(
        element(
            f'<ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            f'<ds:SignatureMethod Algorithm="{recipe.method}"/>{references}</ds:SignedInfo>'
            f"<ds:SignatureValue/>{_key_info('signer')}</ds:Signature>"
        )
    )
    recipe.signing(root)
    find(root, "ds:SignatureValue").text = signature_value(recipe, find(root, "ds:SignedInfo"))


def _encrypt(recipe: Recipe, security: etree._Element, packed: bytes) -> bytes:
    key, nonce = os.urandom(16), os.urandom(12)
    public = recipe.receiver.public_key()
    assert isinstance(public, RSAPublicKey)
    sealed = base64.b64encode(public.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), None))).decode()
    xenc11 = NAMESPACES["xenc11"]
    security.insert(0, element(_token(recipe.receiver, "receiver")))
    method = (
        f'<xenc:EncryptionMethod Algorithm="{xenc11}rsa-oaep"><ds:DigestMethod Algorithm="{SHA256_URI}"/>'
        f'<xenc11:MGF Algorithm="{xenc11}mgf1sha256"/></xenc:EncryptionMethod>'
    )
    security.insert(
        1,
        element(
            f'<xenc:EncryptedKey Id="EK">{method}{_key_info("receiver")}<xenc:CipherData><xenc:CipherValue>{sealed}</xenc:CipherValue>'
            f'</xenc:CipherData><xenc:ReferenceList><xenc:DataReference URI="#ED"/></xenc:ReferenceList></xenc:EncryptedKey>'
        ),
    )
    security.insert(
        2,
        element(
            f'<xenc:EncryptedData Id="ED" MimeType="application/gzip" Type="{SWA}Attachment-Content-Only">'
            f'<xenc:EncryptionMethod Algorithm="{xenc11}aes128-gcm"/>'
            f'<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#EK"/></wsse:SecurityTokenReference></ds:KeyInfo>'
            f'<xenc:CipherData><xenc:CipherReference URI="cid:{CID}"><xenc:Transforms>'
            f'<ds:Transform Algorithm="{SWA}Attachment-Ciphertext-Transform"/></xenc:Transforms></xenc:CipherReference></xenc:CipherData>'
            f"</xenc:EncryptedData>"
        ),
    )
    return nonce + AESGCM(key).encrypt(nonce, packed, None)
