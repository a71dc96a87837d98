"""What may not be accepted: every field removed, doubled, emptied or altered; signatures wrapped; algorithms lowered; parts swapped.

An attack is made with the keys that its attacker would have: `before` changes are signed by the sender's own key, as a sender that
breaks the profile would; `after` changes are a stranger's.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from tests.peppol.as4_changes import (
    added,
    doubled,
    emptied,
    instead,
    into_block,
    is_text,
    last_first,
    more_parts,
    of_parts,
    removed,
    renamed,
    renamed_part,
    split,
    stated,
    text,
    wrap,
)
from tests.peppol.as4_messages import (
    NAMESPACES,
    RSA_SHA1,
    SHA1_URI,
    SWA,
    Change,
    Made,
    Recipe,
    find,
    made,
    resign,
    sbdh,
    tag,
)

CORE = NAMESPACES["eb"]
INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
BOMB = 6_000_000
"""Bytes that a bomb unpacks to; whoever tries the attacks accepts fewer."""


class Attack(NamedTuple):
    """A message that must be refused: its name, the code, and how it is made of a good recipe."""

    name: str
    code: str
    make: Callable[[Recipe], Made]


def attacks() -> list[Attack]:
    """All of them; no name twice."""
    found = [
        *_fields(),
        *_values(),
        *_altered(),
        *_security(),
        *_tokens(),
        *_lowered(),
        *_wrapped(),
        *_payloads(),
        *_documents(),
        *_envelopes(),
    ]
    assert len({attack.name for attack in found}) == len(found)
    return found


def _signed(name: str, code: str, change: Change) -> Attack:
    return Attack(name, code, lambda recipe: made(recipe.but(before=change)))


def _late(name: str, code: str, change: Change) -> Attack:
    return Attack(name, code, lambda recipe: made(recipe.but(after=change)))


def _resigned(name: str, code: str, change: Change) -> Attack:
    """Changed after all is done, and signed again by the sender."""

    def make(recipe: Recipe) -> Made:
        def both(root: etree._Element) -> None:
            change(root)
            resign(recipe, root)

        return made(recipe.but(after=both))

    return Attack(name, code, make)


FIELDS = (
    "eb:UserMessage", "eb:MessageInfo", "eb:Timestamp", "eb:MessageId", "eb:PartyInfo", "eb:From", "eb:From/eb:PartyId", "eb:From/eb:Role",
    "eb:To", "eb:To/eb:PartyId", "eb:To/eb:Role", "eb:CollaborationInfo", "eb:AgreementRef", "eb:Service", "eb:Action",
    "eb:ConversationId", "eb:MessageProperties", "eb:Property[@name='originalSender']", "eb:Property[@name='finalRecipient']",
    "eb:PayloadInfo", "eb:PartInfo", "eb:PartProperties", "eb:Property[@name='MimeType']", "eb:Property[@name='CompressionType']",
)  # fmt: skip
ATTRIBUTES = (
    ("eb:From/eb:PartyId", "type"), ("eb:To/eb:PartyId", "type"), ("eb:Service", "type"), ("eb:Property[@name='originalSender']", "type"),
    ("eb:Property[@name='originalSender']", "name"), ("eb:Property[@name='finalRecipient']", "type"),
    ("eb:Property[@name='finalRecipient']", "name"), ("eb:PartInfo", "href"), ("eb:Property[@name='MimeType']", "name"),
    ("eb:Property[@name='CompressionType']", "name"),
)  # fmt: skip
_OTHERWISE = {
    "removed eb:UserMessage": "EBMS:0002", "doubled eb:UserMessage": "EBMS:0002", "doubled eb:PartInfo": "EBMS:0007",
    "emptied eb:UserMessage": "EBMS:0009",
}  # fmt: skip
_MAY_BE_EMPTY = ("eb:ConversationId",)


def _fields() -> Iterator[Attack]:
    """Each required field is there once and says something; signed by the sender all the same."""
    for path in FIELDS:
        for verb, made_of in (("removed", removed), ("doubled", doubled), ("emptied", emptied), ("split", split)):
            name, change = f"{verb} {path}", made_of(path)
            if (verb == "emptied" and path in _MAY_BE_EMPTY) or (verb == "split" and not is_text(path)):
                continue
            yield _signed(name, _OTHERWISE.get(name, "EBMS:0009"), change)
    for path, attribute in ATTRIBUTES:
        yield _signed(f"without {path}/@{attribute}", "EBMS:0009", stated(path, attribute, None))


def _values() -> Iterator[Attack]:
    """What the profile fixes, and what must agree; signed by the sender all the same."""
    for path, value, code in (
        ("eb:AgreementRef", "urn:other", "EBMS:0010"), ("eb:From/eb:Role", f"{CORE}responder", "EBMS:0010"),
        ("eb:To/eb:Role", f"{CORE}initiator", "EBMS:0010"), ("eb:From/eb:PartyId", "PXX999999", "EBMS:0003"),
        ("eb:To/eb:PartyId", "PXX999999", "EBMS:0003"), ("eb:Timestamp", "2020-01-01T00:00:00Z", "EBMS:0003"),
        ("eb:Timestamp", "2026-11-29T12:00:00Z", "EBMS:0003"), ("eb:Timestamp", "yesterday", "EBMS:0009"),
        ("eb:Timestamp", "2026-13-01T00:00:00Z", "EBMS:0009"), ("eb:Timestamp", "0001-01-01T00:00:00+14:00", "EBMS:0009"),
        ("eb:MessageId", "no at sign", "EBMS:0009"), ("eb:MessageId", "<a@b>", "EBMS:0009"),
        ("eb:MessageId", "a" * 300 + "@b", "EBMS:0009"),
        ("eb:Action", "urn:no:scheme", "EBMS:0001"), ("eb:Action", "other-scheme::urn:x", "EBMS:0001"),
        ("eb:Action", "busdox-docid-qns::urn:other::2.1", "EBMS:0003"), ("eb:Service", "urn:other", "EBMS:0003"),
        ("eb:Action", "busdox-docid-qns%3A%3Aurn", "EBMS:0001"),
        ("eb:Property[@name='originalSender']", "9930:de999999999", "EBMS:0003"),
        ("eb:Property[@name='finalRecipient']", "0208:0999999999", "EBMS:0003"),
        ("eb:Property[@name='finalRecipient']", "nobody", "EBMS:0001"),
        ("eb:Property[@name='MimeType']", "text/html", "EBMS:0010"),
        ("eb:Property[@name='CompressionType']", "application/zip", "EBMS:0010"),
    ):  # fmt: skip
        yield _signed(f"{path} = {value[:40]}", code, text(path, value))
    for path, attribute, value, code in (
        ("eb:AgreementRef", "type", "x", "EBMS:0010"), ("eb:AgreementRef", "pmode", "x", "EBMS:0010"),
        ("eb:From/eb:PartyId", "type", "urn:x", "EBMS:0010"), ("eb:To/eb:PartyId", "type", "urn:x", "EBMS:0010"),
        ("eb:Service", "type", "other-scheme", "EBMS:0003"), ("eb:Property[@name='originalSender']", "type", "x", "EBMS:0010"),
        ("eb:UserMessage", "mpc", f"{CORE}other", "EBMS:0010"), ("eb:PartInfo", "href", "#body", "EBMS:0003"),
        ("eb:PartInfo", "href", "cid:other@sender.test", "EBMS:0103"),
    ):  # fmt: skip
        yield _signed(f"{path}/@{attribute} = {value[:30]}", code, stated(path, attribute, value))
    yield _signed("RefToMessageId", "EBMS:0010", added("eb:MessageInfo", "<eb:RefToMessageId>a@b</eb:RefToMessageId>"))
    tracking = '<eb:Property name="trackingIdentifier">x</eb:Property>'
    yield _signed("trackingIdentifier", "EBMS:0010", added("eb:MessageProperties", tracking))
    yield _signed("an element of nobody's", "EBMS:0009", added("eb:CollaborationInfo", "<eb:Other/>"))
    yield _signed("text between", "EBMS:0009", text("eb:PartyInfo", "text"))


def _altered() -> Iterator[Attack]:
    """A stranger alters what was signed."""
    for path, value in (
        ("eb:MessageId", "other@sender.test"), ("eb:Timestamp", "2026-11-28T11:59:31Z"), ("eb:ConversationId", "other"),
        ("eb:From/eb:PartyId", "PXX999999"), ("eb:Service", "urn:other"), ("eb:Action", "busdox-docid-qns::urn:other::2.1"),
        ("eb:Property[@name='originalSender']", "9930:de999999999"), ("eb:Property[@name='finalRecipient']", "0208:0999999999"),
        ("ds:Reference[@URI='#messaging']/ds:DigestValue", "A" * 43 + "="), ("ds:Reference[@URI='#body']/ds:DigestValue", "A" * 43 + "="),
        ("ds:SignatureValue", "A" * 344), ("ds:SignatureValue", "!"), ("ds:SignatureValue", ""), ("ds:DigestValue", ""),
    ):  # fmt: skip
        yield _late(f"altered {path} to {value[:10]}", "EBMS:0101", text(path, value))
    cid = "ds:SignedInfo/ds:Reference[3]/ds:DigestValue"
    yield _late("altered digest of the attachment", "EBMS:0101", text(cid, "A" * 43 + "="))
    yield _late("altered Messaging/@mustUnderstand", "EBMS:0101", stated("eb:Messaging", tag("S12:mustUnderstand"), "false"))
    yield _late("altered Body", "EBMS:0101", stated("S12:Body", "other", "x"))
    yield _late("altered order of references", "EBMS:0101", last_first)
    yield Attack("a signature of another message", "EBMS:0101", _replayed("ds:Signature"))
    yield Attack("a signature value of another message", "EBMS:0101", _replayed("ds:SignatureValue"))
    yield Attack("an encrypted key of another message", "EBMS:0102", _replayed("xenc:EncryptedKey"))
    yield Attack("a cipher value of another message", "EBMS:0102", _replayed("xenc:CipherValue"))
    yield Attack("a header of another message", "EBMS:0101", _replayed("eb:Messaging"))


def _security() -> Iterator[Attack]:
    """Parts of the security header missing or doubled."""
    for path, code in (
        ("wsse:Security", "EBMS:0103"), ("ds:Signature", "EBMS:0103"), ("ds:SignedInfo", "EBMS:0101"), ("ds:SignatureValue", "EBMS:0101"),
        ("ds:Signature/ds:KeyInfo", "EBMS:0101"), ("ds:CanonicalizationMethod", "EBMS:0101"), ("ds:SignatureMethod", "EBMS:0101"),
        ("ds:Reference", "EBMS:0103"), ("ds:Reference[@URI='#body']", "EBMS:0103"), ("ds:SignedInfo/ds:Reference[3]", "EBMS:0103"),
        ("ds:Transforms", "EBMS:0103"), ("ds:Reference/ds:DigestMethod", "EBMS:0101"), ("ds:DigestValue", "EBMS:0101"),
        ("wsse:BinarySecurityToken[@wsu:Id='signer']", "EBMS:0101"), ("wsse:BinarySecurityToken[@wsu:Id='receiver']", "EBMS:0102"),
        ("xenc:EncryptedKey", "EBMS:0103"), ("xenc:EncryptedData", "EBMS:0103"), ("xenc:EncryptedKey/xenc:EncryptionMethod", "EBMS:0102"),
        ("xenc:EncryptedKey/ds:KeyInfo", "EBMS:0102"), ("xenc:EncryptedKey/xenc:CipherData", "EBMS:0102"),
        ("xenc:ReferenceList", "EBMS:0102"), ("xenc:DataReference", "EBMS:0102"), ("xenc:CipherValue", "EBMS:0102"),
        ("xenc11:MGF", "EBMS:0103"), ("xenc:EncryptionMethod/ds:DigestMethod", "EBMS:0103"),
        ("xenc:EncryptedData/xenc:EncryptionMethod", "EBMS:0102"), ("xenc:EncryptedData/ds:KeyInfo", "EBMS:0102"),
        ("xenc:CipherReference", "EBMS:0102"), ("xenc:Transforms", "EBMS:0102"),
    ):  # fmt: skip
        yield _late(f"removed {path}", code, removed(path))
    for path, code in (
        ("wsse:Security", "EBMS:0101"), ("ds:Signature", "EBMS:0101"), ("ds:SignedInfo", "EBMS:0101"), ("ds:SignatureValue", "EBMS:0101"),
        ("ds:Reference", "EBMS:0103"), ("wsse:BinarySecurityToken", "EBMS:0101"), ("xenc:EncryptedKey", "EBMS:0101"),
        ("xenc:EncryptedData", "EBMS:0101"), ("xenc:CipherValue", "EBMS:0102"), ("xenc:DataReference", "EBMS:0102"),
        ("ds:Signature/ds:KeyInfo", "EBMS:0101"), ("ds:Reference//ds:Transform", "EBMS:0103"),
    ):  # fmt: skip
        yield _late(f"doubled {path}", code, doubled(path))
    for part in ("messaging", "body", "attachment"):
        rest = tuple(name for name in ("messaging", "body", "attachment") if name != part)
        yield Attack(f"{part} not signed", "EBMS:0103", lambda recipe, rest=rest: made(recipe.but(covers=rest)))  # type: ignore[misc]
    yield Attack("not signed at all", "EBMS:0103", lambda recipe: made(recipe.but(is_signed=False)))
    yield Attack("not encrypted", "EBMS:0103", lambda recipe: made(recipe.but(is_encrypted=False)))


def _tokens() -> Iterator[Attack]:
    """References within the security header that lead elsewhere."""
    token = "wsse:BinarySecurityToken[@wsu:Id='signer']"
    for held in ("", "!", "AAAA", "A" * 40_000):
        yield _late(f"a signer's token of {len(held)} letters {held[:1]}", "EBMS:0101", text(token, held))
    for path, attribute, value, code in (
        (token, "ValueType", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509PKIPathv1", "EBMS:0103"),
        (token, "ValueType", None, "EBMS:0103"), (token, "EncodingType", "#HexBinary", "EBMS:0103"),
        (token, tag("wsu:Id"), "other", "EBMS:0101"), ("ds:Signature/ds:KeyInfo//wsse:Reference", "URI", "#receiver", "EBMS:0101"),
        ("ds:Signature/ds:KeyInfo//wsse:Reference", "URI", "signer", "EBMS:0101"),
        ("xenc:EncryptedKey/ds:KeyInfo//wsse:Reference", "URI", "#signer", "EBMS:0102"),
        ("xenc:DataReference", "URI", "#other", "EBMS:0102"), ("xenc:EncryptedData", "Id", "other", "EBMS:0102"),
        ("xenc:EncryptedKey", "Id", "other", "EBMS:0102"), ("xenc:CipherReference", "URI", "cid:other", "EBMS:0003"),
        ("xenc:CipherReference", "URI", "http://127.0.0.1:1/x", "EBMS:0003"),
    ):  # fmt: skip
        yield _late(f"{path}/@{attribute} = {str(value)[-15:]}", code, stated(path, attribute, value))
    serial = "<wsse:SecurityTokenReference><ds:X509Data/></wsse:SecurityTokenReference>"
    yield _late("a signer by serial number", "EBMS:0103", instead("ds:Signature/ds:KeyInfo/wsse:SecurityTokenReference", serial))
    yield _late("a signer by value", "EBMS:0103", instead("ds:Signature/ds:KeyInfo/wsse:SecurityTokenReference", "<ds:KeyValue/>"))
    yield _late("another token", "EBMS:0103", added("wsse:Security", "<wsse:UsernameToken/>"))


def _lowered() -> Iterator[Attack]:
    """Weaker algorithms, each also done rightly where it can be."""
    yield Attack("rsa-sha1", "EBMS:0103", lambda recipe: made(recipe.but(method=RSA_SHA1)))
    yield Attack("sha1 digests", "EBMS:0103", lambda recipe: made(recipe.but(digest=SHA1_URI)))
    enc, enc11 = NAMESPACES["xenc"], NAMESPACES["xenc11"]
    for path, value in (
        ("ds:SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"), ("ds:SignatureMethod", "urn:none"),
        ("ds:CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("ds:CanonicalizationMethod", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        ("ds:Reference/ds:DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("ds:Reference[@URI='#messaging']//ds:Transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        ("ds:Reference[@URI='#messaging']//ds:Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("ds:SignedInfo/ds:Reference[3]//ds:Transform", f"{SWA}Attachment-Complete-Signature-Transform"),
    ):  # fmt: skip
        yield _resigned(f"{path} {value[-25:]}", "EBMS:0103", stated(path, "Algorithm", value))
    for path, value in (
        ("xenc:EncryptedKey/xenc:EncryptionMethod", f"{enc}rsa-1_5"), ("xenc:EncryptedKey/xenc:EncryptionMethod", f"{enc}rsa-oaep-mgf1p"),
        ("xenc:EncryptionMethod/ds:DigestMethod", SHA1_URI), ("xenc11:MGF", f"{enc11}mgf1sha1"),
        ("xenc:EncryptedData/xenc:EncryptionMethod", f"{enc}aes128-cbc"),
        ("xenc:EncryptedData/xenc:EncryptionMethod", f"{enc11}aes256-gcm"),
        ("xenc:Transforms/ds:Transform", f"{SWA}Attachment-Complete"),
    ):  # fmt: skip
        yield _late(f"{path} {value[-15:]}", "EBMS:0103", stated(path, "Algorithm", value))
    yield _late("a whole attachment encrypted", "EBMS:0103", stated("xenc:EncryptedData", "Type", f"{SWA}Attachment-Complete"))
    parameters = added("xenc:EncryptedKey/xenc:EncryptionMethod", "<xenc:OAEPparams>AAAA</xenc:OAEPparams>")
    yield _late("OAEP parameters", "EBMS:0103", parameters)
    xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>self::x</ds:XPath></ds:Transform>'
    yield _resigned("an XPath transform", "EBMS:0103", instead("ds:Reference[@URI='#messaging']//ds:Transform", xpath))
    yield _resigned("the whole document signed instead", "EBMS:0103", stated("ds:Reference[@URI='#messaging']", "URI", ""))
    yield _resigned("an XPointer", "EBMS:0103", stated("ds:Reference[@URI='#messaging']", "URI", "#xpointer(id('messaging'))"))
    more = "<ds:Reference URI='#signer'><ds:Transforms><ds:Transform Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/></ds:Transforms>"
    more += "<ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"
    yield _resigned("a reference more", "EBMS:0103", added("ds:SignedInfo", more))


def _wrapped() -> Iterator[Attack]:
    """The signed parts moved aside, others in their stead."""
    for keeps_id in (True, False):
        for where in ("header", "security", "object", "body"):
            name = f"Messaging wrapped in {where}, {'same' if keeps_id else 'other'} Id"
            yield _late(name, "EBMS:0101", wrap("eb:Messaging", where, "eb:MessageId", keeps_id=keeps_id))
        yield _late(f"Body wrapped, {'same' if keeps_id else 'other'} Id", "EBMS:0101", wrap("S12:Body", "header", None, keeps_id=keeps_id))
    yield _late("a second message beside", "EBMS:0002", doubled("eb:UserMessage"))
    yield _late("Security wrapped", "EBMS:0103", into_block("wsse:Security"))
    yield _late("Messaging wrapped, none in its stead", "EBMS:0009", into_block("eb:Messaging"))
    for name in ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"):
        yield _late(f"the Id of Messaging on another element by {name}", "EBMS:0101", stated("wsse:Security", name, "messaging"))
    yield _late("the Id moved to id", "EBMS:0103", renamed("eb:Messaging"))
    yield _resigned("the Id of Body gone", "EBMS:0103", stated("S12:Body", tag("wsu:Id"), None))


def _payloads() -> Iterator[Attack]:
    """The attachment, and the MIME around it."""
    for name, cipher in (
        ("a bit", lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]), ("the nonce", lambda data: bytes(12) + data[12:]),
        ("the tag", lambda data: data[:-1] + bytes([data[-1] ^ 1])), ("no tag", lambda data: data[:-16]), ("nothing", lambda data: b""),
        ("a short one", lambda data: data[:20]), ("a longer one", lambda data: data + b"x"), ("plain", lambda data: gzip.compress(sbdh())),
    ):  # fmt: skip
        yield Attack(f"ciphertext: {name}", "EBMS:0102", lambda recipe, cipher=cipher: made(recipe.but(cipher=cipher)))  # type: ignore[misc]
    for name, packed in (
        ("none", lambda data: sbdh()), ("cut", lambda data: data[:-9]), ("followed", lambda data: data + b"x"),
        ("two", lambda data: data + data), ("wrong checksum", lambda data: data[:-8] + bytes(8)), ("empty", lambda data: b""),
        ("a bomb", lambda data: gzip.compress(sbdh(f"<Invoice xmlns='{INVOICE}'>{' ' * BOMB}</Invoice>"), 1)),
    ):  # fmt: skip
        yield Attack(f"gzip: {name}", "EBMS:0303", lambda recipe, packed=packed: made(recipe.but(packed=packed)))  # type: ignore[misc]
    yield Attack("encrypted anew with other content", "EBMS:0101", _swapped)
    yield Attack("several attachments", "EBMS:0007", lambda recipe: more_parts(recipe, 2))
    yield Attack("another attachment first", "EBMS:0007", lambda recipe: more_parts(recipe, 1))
    yield Attack("no attachment", "EBMS:0007", lambda recipe: of_parts(made(recipe), lambda good: good.parts()[:1]))
    yield Attack("the attachment first", "EBMS:0007", lambda recipe: of_parts(made(recipe), lambda good: good.parts()[::-1]))
    yield Attack("another Content-ID", "EBMS:0007", lambda recipe: of_parts(made(recipe), renamed_part))


def _documents() -> Iterator[Attack]:
    """What the sender signs and encrypts, and is no SBDH that agrees."""
    for name, document, code in (
        ("no XML", b"hello", "EBMS:0004"), ("no SBDH", b"<Invoice/>", "EBMS:0004"), ("nothing", b"", "EBMS:0004"),
        ("cut", sbdh()[:-30], "EBMS:0004"), ("followed", sbdh() + b"<x/>", "EBMS:0004"),
        ("a DOCTYPE", sbdh().replace(b"?>\n", b"?>\n<!DOCTYPE x>", 1), "EBMS:0004"),
        ("an entity", sbdh("<x>&lol;</x>"), "EBMS:0004"), ("not well-formed", sbdh("<x><y></x>"), "EBMS:0004"),
        ("no country", sbdh().replace(b"COUNTRY_C1", b"OTHER"), "EBMS:0004"),
        ("no process", sbdh().replace(b"PROCESSID", b"OTHER"), "EBMS:0004"),
        ("another sender", sbdh(sender="9930:de999999999"), "EBMS:0003"),
        ("another receiver", sbdh(receiver="0208:0999999999"), "EBMS:0003"),
        ("another process", sbdh(process="urn:other"), "EBMS:0003"),
        ("another document type", sbdh().replace(b"billing:3.0::2.1", b"selfbilling:3.0::2.1"), "EBMS:0003"),
    ):  # fmt: skip
        yield Attack(f"document: {name}", code, lambda recipe, document=document: made(recipe.but(document=document)))  # type: ignore[misc]


def _envelopes() -> Iterator[Attack]:
    """What no envelope of ours is."""
    yield _rewritten("a DOCTYPE", "EBMS:0009", lambda data: data.replace(b"?>", b"?><!DOCTYPE x>", 1))
    yield _rewritten("entities", "EBMS:0009", lambda data: data.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    yield _rewritten("no XML", "EBMS:0009", lambda data: data[:-20])
    yield _rewritten("nothing", "EBMS:0009", lambda data: b"")
    yield _rewritten(
        "SOAP 1.1", "EBMS:0009", lambda data: data.replace(NAMESPACES["S12"].encode(), b"http://schemas.xmlsoap.org/soap/envelope/")
    )
    yield _rewritten("far too large", "EBMS:0007", lambda data: data + b" " * 1_100_000)
    yield _late("a processing instruction", "EBMS:0009", lambda root: root.insert(0, etree.ProcessingInstruction("x", "y")))
    yield _signed("a body with content", "EBMS:0002", added("S12:Body", "<eb:Invoice/>"))
    must = '<eb:Unknown S12:mustUnderstand="true"/>'
    yield _late("a header that must be understood", "EBMS:0009", added("S12:Header", must))
    yield _late("a header for somebody else", "EBMS:0009", stated("wsse:Security", tag("S12:role"), "http://other"))
    info = "<eb:Timestamp>2026-11-28T12:00:00Z</eb:Timestamp><eb:MessageId>a@b</eb:MessageId>"
    signal = f"<eb:SignalMessage><eb:MessageInfo>{info}</eb:MessageInfo>"
    yield _signed("a pull request", "EBMS:0002", instead("eb:UserMessage", f"{signal}<eb:PullRequest/></eb:SignalMessage>"))
    yield _signed("a receipt", "EBMS:0002", instead("eb:UserMessage", f"{signal}<eb:Receipt/></eb:SignalMessage>"))
    yield _signed("a signal beside", "EBMS:0002", added("eb:Messaging", f"{signal}<eb:PullRequest/></eb:SignalMessage>"))
    yield _late("removed S12:Body", "EBMS:0009", removed("S12:Body"))
    yield _late("removed S12:Header", "EBMS:0009", removed("S12:Header"))


def _replayed(path: str) -> Callable[[Recipe], Made]:
    """Takes one part of another message of the same sender, all else of this one."""

    def make(recipe: Recipe) -> Made:
        other = etree.fromstring(made(recipe.but(message_id="message-2@sender.test")).envelope)
        return made(recipe.but(after=lambda root: find(root, path).getparent().replace(find(root, path), find(other, path))))

    return make


def _swapped(recipe: Recipe) -> Made:
    """Whoever has the receiver's certificate can encrypt other content to it, and cannot sign it."""
    forged = made(recipe.but(document=sbdh("<Other/>")))
    other = etree.fromstring(forged.envelope)
    path = "xenc:CipherValue"
    real = made(recipe.but(after=lambda root: find(root, path).getparent().replace(find(root, path), find(other, path))))
    return replace(real, attachment=forged.attachment)


def _rewritten(name: str, code: str, change: Callable[[bytes], bytes]) -> Attack:
    def make(recipe: Recipe) -> Made:
        good = made(recipe)
        return replace(good, envelope=change(good.envelope))

    return Attack(f"envelope: {name}", code, make)
