"""Receipts that the receiver itself signs and that are wrong all the same, and good signatures that were put around something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from einvoice_peppol.as4 import canonical, receipts, signing
from einvoice_peppol.as4.message import SIGNALS, Reference
from einvoice_peppol.http import Answer
from einvoice_peppol.pki.identity import Identity
from tests.peppol.as4_exchange import NOW, Sent, receipt, received, sides

Change = Callable[[Sent], Answer]
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


def repeating(references: list[str], about: str = "message-1@sender.test", beside: str = "") -> Answer:
    """A receipt that the receiver signs and that repeats these ds:Reference; `beside` stands beside it in the signal."""
    parts = "".join(f"<ebbp:MessagePartNRInformation>{one}</ebbp:MessagePartNRInformation>" for one in references)
    information = f'<ebbp:NonRepudiationInformation xmlns:ebbp="{SIGNALS}">{parts}</ebbp:NonRepudiationInformation>'
    return _signed(f"<eb:Receipt>{information}</eb:Receipt>{beside}", about)


def as_they_came(one: Sent) -> list[str]:
    """The ds:Reference elements of a message, in their canonical form."""
    return [etree.tostring(part, method="c14n", exclusive=True).decode() for part in received(one).signed]


def _signed(content: str, about: str | None = "message-1@sender.test") -> Answer:
    return Answer(200, {"content-type": receipts.CONTENT_TYPE}, receipts._signal(content, about, sides().receiver, NOW))


def _each(pattern: str, by: str, count: int = 1) -> Change:
    """References that say something else than what was sent, signed by the receiver as they stand."""

    def change(one: Sent) -> Answer:
        joined = "|".join(as_they_came(one))
        other = re.sub(pattern, by, joined, count=count)
        assert other != joined
        return repeating(other.split("|"))

    return change


def _covering(*names: str) -> Change:
    """A receipt whose signature covers these blocks only."""

    def change(one: Sent) -> Answer:
        root = etree.fromstring(receipt(one).body)
        blocks = {"messaging": root[0][0], "body": root[1]}
        forms = {name: etree.tostring(block, method="c14n", exclusive=True).decode() for name, block in blocks.items()}
        references = [canonical.reference(blocks[name].get(_ID), forms[name]) for name in names]
        return _around(forms["messaging"], forms["body"], references)

    return change


_ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"


def _around(messaging: str, body: str, references: list[Reference], own: Identity | None = None) -> Answer:
    by = own or sides().receiver
    security = signing.token(by.certificate, "t-1") + signing.signature(references, by, "t-1")
    return Answer(200, {"content-type": receipts.CONTENT_TYPE}, signing.envelope(messaging, body, security))


def _wrapped(one: Sent) -> Answer:
    """The receipt of another message, signed, put where nobody looks; in its place one for this message under the same Id."""
    answer = receipt(one)
    signed = re.search(rb"<eb:Messaging .*</eb:Messaging>", answer.body, re.DOTALL)
    assert signed is not None
    forged = signed[0].replace(b"message-1@sender.test", b"message-9@sender.test")
    hidden = answer.body.replace(signed[0], signed[0] + b"<x:Wrapper xmlns:x='urn:x'>" + forged + b"</x:Wrapper>", 1)
    return answer._replace(body=hidden)


def _two_tokens(one: Sent) -> Answer:
    """The stranger's token in front, under the Id that the signature names."""
    answer = receipt(one)
    token = re.search(rb"<wsse:BinarySecurityToken.*?</wsse:BinarySecurityToken>", answer.body)
    assert token is not None
    name = re.search(rb'wsu:Id="(.*?)"', token[0])
    assert name is not None
    return answer._replace(body=answer.body.replace(token[0], signing.token(sides().stranger.certificate, name[1].decode()).encode()))


def _by(own: Callable[[], Identity]) -> Change:
    def change(one: Sent) -> Answer:
        return receipt(one, own())

    return change


SIGNED: Mapping[str, Change] = {
    "another digest": _each(r"(<ds:DigestValue>)[^<]{4}", r"\1AAAA"),
    "the digest of one part for all": lambda one: repeating([as_they_came(one)[0]] * 3),
    "one reference twice": lambda one: repeating([*as_they_came(one), as_they_came(one)[0]]),
    "a reference more": lambda one: repeating([*as_they_came(one), as_they_came(one)[0].replace('URI="#m-', 'URI="#x-')]),
    "another URI": _each('URI="cid:', 'URI="cid:x'),
    "another transform": _each(r'Transform Algorithm="http://docs[^"]*"', 'Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"'),
    "no transforms": _each(r"<ds:Transforms>.*?</ds:Transforms>", ""),
    "digests by SHA-1": _each(r'DigestMethod Algorithm="[^"]*"', f'DigestMethod Algorithm="{_SHA1}"', 0),
    "no information of non-repudiation": lambda _: _signed("<eb:Receipt></eb:Receipt>"),
    "the message repeated instead": lambda _: _signed("<eb:Receipt><eb:UserMessage></eb:UserMessage></eb:Receipt>"),
    "for no message": lambda one: _signed(receipt(one).body.decode().partition("</eb:MessageInfo>")[2].partition("</eb:Signal")[0], None),
    "two receipts": lambda one: repeating(as_they_came(one), beside="<eb:Receipt></eb:Receipt>"),
    "a warning instead": lambda _: _signed('<eb:Error errorCode="EBMS:0003" severity="warning"></eb:Error>'),
    "the signature covers the body alone": _covering("body"),
    "the signature covers nothing": _covering(),
    "the signature covers one block twice": _covering("messaging", "messaging"),
    "the signed receipt beside another one": _wrapped,
    "another token under the same id": _two_tokens,
    "signed by our own key": _by(lambda: sides().sender),
}
"""Each must prove nothing."""
