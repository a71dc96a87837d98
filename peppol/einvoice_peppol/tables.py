"""The tables of what goes out and comes in by Peppol: each message with its evidence."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key

OUTGOING = Table(
    "peppol_outgoing",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),  # the same document submitted twice is one row
    Column("subject", String(120), nullable=False),  # what it is about, in the submitter's words: invoice:17
    Column("kind", String(20), nullable=False),  # invoice, invoice_response, mlr, mls, report, other
    Column("number", Text),  # of the document (BT-1)
    Column("via", String(20), nullable=False),  # as4, or the hosted access point
    Column("state", String(12), nullable=False),  # accepted → prepared → what the outbox says of its effect; refused
    Column("reason", Text),
    Column("next_at", Instant, nullable=False),  # when preparing it is tried (again); once a hosted one has it, when that is asked
    Column("attempts", Integer, nullable=False, default=0),
    Column("sender", String(140), nullable=False),  # 0208:0123456789
    Column("receiver", String(140), nullable=False),
    Column("document_scheme", String(40), nullable=False),
    Column("document_type", String(500), nullable=False),
    Column("process_scheme", String(40), nullable=False),
    Column("process", String(200), nullable=False),
    Column("country", String(2), nullable=False),  # C1
    Column("document_hash", String(64), nullable=False),
    Column("document", LargeBinary),  # the business document without its envelope; None where it is in the spool
    Column("file", Text),
    Column("size", Key, nullable=False),
    Column("profile", Text),
    Column("verdict", String(12), nullable=False),  # what the report said when it was submitted
    Column("override", Text),  # why it goes out without being valid
    Column("instance_id", String(200)),  # of the SBDH
    Column("message_id", String(200), unique=True),  # of AS4, or the hosted access point's
    Column("endpoint", Text),
    Column("access_point", String(20)),  # C3's seat id
    Column("certificate", Text),  # C3's, PEM
    Column("signed", Text),  # the references of the signature, which the receipt must repeat
    Column("receipt", LargeBinary),  # as it came
    Column("receipt_type", Text),  # its Content-Type, without which a multipart receipt cannot be read
    Column("receipt_hash", String(64)),
    Column("about", Key),  # the row of the inbox that it answers
    Column("created_at", Instant, nullable=False),
    Column("prepared_at", Instant),
    Column("sent_at", Instant),  # when its receipt was verified
)
Index("ix_peppol_outgoing_due", OUTGOING.c.state, OUTGOING.c.next_at, OUTGOING.c.id)
Index("ix_peppol_outgoing_instance", OUTGOING.c.instance_id)
Index("ix_peppol_outgoing_number", OUTGOING.c.number)

INBOX = Table(
    "peppol_inbox",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("instance_id", String(200), nullable=False),
    Column("access_point", String(20), nullable=False),  # C2's seat id
    Column("certificate", Text),  # C2's, PEM
    Column("via", String(20), nullable=False),  # as4, or the hosted access point
    Column("kind", String(20), nullable=False),
    Column("sender", String(140), nullable=False),
    Column("receiver", String(140), nullable=False),
    Column("document_scheme", String(40), nullable=False),
    Column("document_type", String(500), nullable=False),
    Column("process_scheme", String(40), nullable=False),
    Column("process", String(200), nullable=False),
    Column("country", String(2)),  # C1
    Column("mls_to", String(140)),
    Column("mls_type", String(20)),
    Column("document_hash", String(64), nullable=False),  # of the document in its envelope, as it was sent
    Column("document", LargeBinary),  # in its envelope; None where it is in the spool
    Column("file", Text),
    Column("size", Key, nullable=False),
    Column("envelope", LargeBinary),  # the SOAP envelope as it came: the proof of who sent what
    Column("signed", Text),  # the references of its signature
    Column("receipt", LargeBinary),  # our answer; a repeated message gets it again
    Column("state", String(12), nullable=False),  # received → leased → handed | failed; repeated: known under another message id
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("worker", String(80)),
    Column("about", Key),  # the row of what went out that it answers
    Column("sent_at", Instant),  # as the sender states
    Column("received_at", Instant, nullable=False),
    Column("handed_at", Instant),
    Column("verdict", String(12)),  # what a check said of an invoice when it was handed over
)
Index("ix_peppol_inbox_due", INBOX.c.state, INBOX.c.kind, INBOX.c.next_at, INBOX.c.id)
Index("ix_peppol_inbox_instance", INBOX.c.access_point, INBOX.c.instance_id)
