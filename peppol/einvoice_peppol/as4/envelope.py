"""The SOAP envelope of a message: opened safely, each part where it belongs and there only (SOAP 1.2; ebMS 3.0 core 5.1, 5.2).

Signature wrapping lives on parts that stand somewhere else than where they are processed, and on identifiers that stand twice. So
each element that is processed or signed may stand once in the whole envelope, at its place, and each identifier once.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, NoReturn

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats import guard
from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.message import DS, EBMS, SOAP, WSSE, WSU, XENC

_IDS = frozenset({f"{{{WSU}}}Id", "{http://www.w3.org/XML/1998/namespace}id", "Id", "ID", "id"})
_ONCE = frozenset(
    [f"{{{SOAP}}}{name}" for name in ("Envelope", "Header", "Body")]
    + [f"{{{EBMS}}}{name}" for name in ("Messaging", "UserMessage", "SignalMessage")]
    + [f"{{{WSSE}}}Security", f"{{{DS}}}Signature", f"{{{DS}}}SignedInfo", f"{{{XENC}}}EncryptedKey", f"{{{XENC}}}EncryptedData"]
)
_DEFAULT_ROLES = frozenset({None, "", f"{EBMS}defaultRole", "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"})
_MOST_ELEMENTS = 2_000


class Envelope(NamedTuple):
    """An envelope whose parts stand where they belong. `security` is None where it has none; `data` are its bytes as they came."""

    root: etree._Element
    messaging: etree._Element
    security: etree._Element | None
    body: etree._Element
    data: bytes


def opened(data: bytes, limit: int) -> Envelope:
    """The envelope in bytes.

    Raises Refused: EBMS:0009 for what is no SOAP 1.2 envelope of ebMS, EBMS:0002 for bundled messages, EBMS:0101 for an identifier or a
    protected element that stands twice.
    """
    try:
        root = guard.tree(data, limit)
    except DocumentError as fault:
        raise ebms.Refused(ebms.INVALID_HEADER, f"the SOAP part is not XML that is safe to read: {fault.message}") from None
    if root.tag != f"{{{SOAP}}}Envelope":
        _invalid("the SOAP part is no envelope of SOAP 1.2")
    _stand_once(root)
    header, body = _two(root)
    messaging, security = _blocks(header)
    if elements(body):
        raise ebms.Refused(ebms.FEATURE_NOT_SUPPORTED, "the SOAP body has content; payloads are attachments", message_id=_message_id(root))
    return Envelope(root, messaging, security, body, data)


def identifier(element: etree._Element) -> str | None:
    """The Id by which a signature refers to an element of SOAP or ebMS: wsu:Id."""
    found: str | None = element.get(f"{{{WSU}}}Id")
    return found


def elements(parent: etree._Element, error: ebms.Ebms = ebms.INVALID_HEADER) -> list[etree._Element]:
    """The elements in an element that holds nothing but elements.

    Raises Refused where text stands between them.
    """
    if any(text and text.strip() for text in (parent.text, *(part.tail for part in parent))):
        raise ebms.Refused(error, f"{etree.QName(parent).localname} has text in it")
    return [part for part in parent if isinstance(part.tag, str)]


def text(element: etree._Element, error: ebms.Ebms = ebms.INVALID_HEADER) -> str:
    """The text of an element that holds nothing else, without the white space around it.

    A comment within splits the text for some readers and not for the signature, so it is refused. Raises Refused.
    """
    if len(element):
        raise ebms.Refused(error, f"{etree.QName(element).localname} holds something else than text")
    return (element.text or "").strip()


def _stand_once(root: etree._Element) -> None:
    ids: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for count, element in enumerate(root.iter()):
        if count > _MOST_ELEMENTS:
            _invalid("the envelope has more elements than any message needs")
        if element.tag is etree.PI:
            _invalid("the envelope has processing instructions")
        if not isinstance(element.tag, str):
            continue
        names[element.tag] += 1
        ids.update({value for name, value in element.items() if name in _IDS})
    message_id = _message_id(root)
    if names[f"{{{EBMS}}}Messaging"] < 2 and names[f"{{{EBMS}}}UserMessage"] + names[f"{{{EBMS}}}SignalMessage"] > 1:
        raise ebms.Refused(ebms.FEATURE_NOT_SUPPORTED, "the envelope bundles several messages", message_id=message_id)
    if twice := [name for name in _ONCE if names[name] > 1]:
        raise ebms.Refused(ebms.FAILED_AUTHENTICATION, f"{etree.QName(twice[0]).localname} stands twice", message_id=message_id)
    if doubled := [value for value, often in ids.items() if often > 1]:
        raise ebms.Refused(ebms.FAILED_AUTHENTICATION, f"the identifier {doubled[0][:80]!r} stands twice", message_id=message_id)


def _message_id(root: etree._Element) -> str | None:
    """The id of the message, for an error to name it: where it should stand, believed only for that."""
    found = root.findtext(f"{{{SOAP}}}Header/{{{EBMS}}}Messaging/*/{{{EBMS}}}MessageInfo/{{{EBMS}}}MessageId")
    return found.strip()[:200] or None if found else None


def message_id(envelope: Envelope) -> str | None:
    """The id of the message as it states it, unchecked; None where it states none."""
    return _message_id(envelope.root)


def _two(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    parts = elements(root)
    if [part.tag for part in parts] != [f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"]:
        _invalid("an envelope has Header and Body, in this order, and nothing else")
    return parts[0], parts[1]


def _blocks(header: etree._Element) -> tuple[etree._Element, etree._Element | None]:
    messaging = security = None
    for block in elements(header):
        if block.get(f"{{{SOAP}}}role") not in _DEFAULT_ROLES:
            _invalid(f"the header {etree.QName(block).localname} is for somebody else")
        if block.tag == f"{{{EBMS}}}Messaging":
            messaging = block
        elif block.tag == f"{{{WSSE}}}Security":
            security = block
        elif (block.get(f"{{{SOAP}}}mustUnderstand") or "").strip() in ("true", "1"):
            _invalid(f"the header {block.tag} must be understood, and is not")
    if messaging is None:
        _invalid("the header has no Messaging")
    return messaging, security


def _invalid(why: str) -> NoReturn:
    raise ebms.Refused(ebms.INVALID_HEADER, why)
