"""Notes, periods, deliveries and other documents: BG-1 to BG-3, BG-13 to BG-15, BG-24, BG-26."""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any

from pydantic import StringConstraints, model_validator

from einvoice.model.party import Address, PartyIdentifier
from einvoice.model.types import Base64, Code, Date, Group, Maybe, Text, term

SubjectCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[A-Z]{3}$")]

_coded_note = re.compile(r"\s*#([A-Z]{3})#\s*(.*?)\s*", re.DOTALL).fullmatch


class Note(Group):
    """A text for the whole invoice (BG-1); `subject_code` is UNTDID 4451, three capital letters.

    UBL writes the two as `#AAI#text`, so a text of that form is the code and the text.
    """

    subject_code: SubjectCode | None = term("BT-21")
    text: Text | None = term("BT-22")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: Any) -> Any:
        if isinstance(data, str):
            data = {"text": data}
        text = data.get("text") if isinstance(data, dict) and not data.get("subject_code") else None
        if isinstance(text, str) and (coded := _coded_note(text)):
            return {"subject_code": coded[1], "text": coded[2] or None}
        return data


class ProcessControl(Group):
    """Which process and which rules the invoice follows (BG-2)."""

    business_process_type: Text | None = term("BT-23")
    specification_identifier: Text | None = term("BT-24")


class PrecedingInvoice(Group):
    """An invoice that this one corrects or settles (BG-3)."""

    reference: Text | None = term("BT-25")
    issue_date: Date | None = term("BT-26")


class Period(Group):
    """A period of time, both days included (BG-14, BG-26)."""

    start_date: Date | None = None
    end_date: Date | None = None


class Delivery(Group):
    """Where and when goods or services were delivered (BG-13), or over which period they are invoiced (BG-14)."""

    name: Text | None = term("BT-70")
    location_identifier: PartyIdentifier | None = term("BT-71", scheme="BT-71-1")
    date: Date | None = term("BT-72")
    period: Maybe[Period] = term("BG-14", start_date="BT-73", end_date="BT-74")
    address: Maybe[Address] = term(
        "BG-15", line_1="BT-75", line_2="BT-76", line_3="BT-165", city="BT-77", post_code="BT-78", subdivision="BT-79", country_code="BT-80"
    )


class Attachment(Group):
    """A file inside the invoice (BT-125): `content` is base64 text (bytes are encoded on the way in), `data` its bytes."""

    content: Base64 | None = term("BT-125")
    mime_code: Code | None = term("BT-125-1")
    filename: Text | None = term("BT-125-2")

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return base64.b64decode(self.content or "")


class SupportingDocument(Group):
    """A document that supports the claim (BG-24): a reference, and the document itself or where it lies."""

    reference: Text | None = term("BT-122")
    description: Text | None = term("BT-123")
    location: Text | None = term("BT-124")
    attachment: Maybe[Attachment] = term()
