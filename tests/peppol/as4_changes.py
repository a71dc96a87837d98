"""Changes of an envelope, each a function that is applied to its root; and of the parts around it."""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

from tests.peppol.as4_messages import CID, Change, Made, Recipe, element, find, made, tag


def removed(path: str) -> Change:
    """Takes an element out."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found.getparent().remove(found)

    return change


def doubled(path: str) -> Change:
    """Puts a copy behind an element."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found.addnext(copy.deepcopy(found))

    return change


def emptied(path: str) -> Change:
    """Leaves an element without anything in it."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found[:] = []
        found.text = None

    return change


def split(path: str) -> Change:
    """Puts a comment into a text, behind which some readers do not look."""

    def change(root: etree._Element) -> None:
        found, comment = find(root, path), etree.Comment("x")
        value = found.text or ""
        found.text, comment.tail = value[: len(value) // 2], value[len(value) // 2 :]
        found.append(comment)

    return change


def is_text(path: str) -> bool:
    """Whether an element of ebMS holds text."""
    last = path.rpartition("/")[2].partition("[")[0]
    return last in {"eb:" + name for name in "Timestamp MessageId PartyId Role AgreementRef Service Action ConversationId Property".split()}


def text(path: str, value: str) -> Change:
    """Replaces the text of an element."""

    def change(root: etree._Element) -> None:
        find(root, path).text = value

    return change


def stated(path: str, attribute: str, value: str | None) -> Change:
    """Sets an attribute, or takes it away."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found.attrib.pop(attribute, None)
        if value is not None:
            found.set(attribute, value)

    return change


def added(path: str, text: str) -> Change:
    """Puts an element in at the end."""

    def change(root: etree._Element) -> None:
        find(root, path).append(element(text))

    return change


def instead(path: str, text: str) -> Change:
    """Replaces an element."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found.getparent().replace(found, element(text))

    return change


def renamed(path: str) -> Change:
    """Moves an Id from wsu:Id to id."""

    def change(root: etree._Element) -> None:
        found = find(root, path)
        found.set("id", found.attrib.pop(tag("wsu:Id")))

    return change


def last_first(root: etree._Element) -> None:
    """Changes the order of the references."""
    info = find(root, "ds:SignedInfo")
    info.insert(2, info[-1])


def into_block(path: str) -> Change:
    """Moves an element into a header of nobody's."""

    def change(root: etree._Element) -> None:
        block = element("<eb:Block/>")
        block.append(find(root, path))
        find(root, "S12:Header").append(block)

    return change


def wrap(path: str, where: str, within: str | None, *, keeps_id: bool) -> Change:
    """Moves a copy of what was signed aside, and alters what is processed."""

    def change(root: etree._Element) -> None:
        real = find(root, path)
        aside = copy.deepcopy(real)
        if not keeps_id:
            real.set(tag("wsu:Id"), "forged")
        if within is None:
            real.set("other", "x")
        else:
            find(real, within).text = "forged@sender.test"
        block = element({"object": "<ds:Object/>"}.get(where, "<eb:Block/>"))
        block.append(aside)
        find(root, {"header": "S12:Header", "security": "wsse:Security", "object": "ds:Signature", "body": "S12:Body"}[where]).append(block)

    return change


class Whole(Made):
    """A message with other parts than its own."""

    changed: list[bytes]

    def body(self, parts: list[bytes] | None = None) -> bytes:
        """The whole, of the changed parts."""
        return super().body(self.changed if parts is None else parts)


def of_parts(good: Made, parts: Callable[[Made], list[bytes]]) -> Made:
    """A message with its parts changed."""
    found = Whole(good.envelope, good.attachment)
    object.__setattr__(found, "changed", parts(good))
    return found


def renamed_part(good: Made) -> list[bytes]:
    """The parts of a message, its attachment under another Content-ID."""
    return [good.parts()[0], good.parts()[1].replace(CID.encode(), b"x@y")]


def more_parts(recipe: Recipe, at: int) -> Made:
    """A message with another attachment at a place."""
    part = b"Content-Type: application/octet-stream\r\nContent-ID: <more@sender.test>\r\n\r\nmore"
    return of_parts(made(recipe), lambda good: [*good.parts()[:at], part, *good.parts()[at:]])
