"""What is personal of a debtor, column by column, and by what `forget` replaces it.

Every other column with text in a table about debtors is named in `HARMLESS`, so that a new column is a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GONE = "forgotten"
PERSONAL: Mapping[str, Mapping[str, Any]] = {
    "debtors": {"key": GONE, "name": GONE, "region": None, "legal_id": None, "vat_id": None, "born": None},
    "contacts": {"role": "general", "name": None, "first_name": None, "email": None, "phone": None, "peppol": None, "address": None},
    "consents": {"source": GONE},
    "invoices": {"reference": None, "order_number": None, "product": None, "contract": None, "notice_basis": None},
    "payments": {"reference": None, "payer": None, "iban": None},
    "disputes": {"key": None, "text": None},
    "tasks": {"text": GONE, "result": GONE},
    "history": {"note": None},
    "actions": {"reason": None},
    "outbox": {"address": GONE, "headers": {}, "payload": b"", "provider": None, "proof": None, "reason": None, "redirected": None},
    "events": {"body": None},  # its free text only
    "messages": {"code": None},
    "pay_links": {"invoices": []},  # so that the page behind one shows nothing
    "checkouts": {"url": None},
    "mandates": {"holder": GONE, "iban": GONE, "bic": None, "source": GONE},
    "bank_lines": {"payer": None, "iban": None, "text": "", "references": [], "end_to_end": None, "explanation": [], "proposals": []},
    "incoming": {"body": "{}", "result": None},
    "papers": {"name": GONE, "data": b""},  # the whole row goes; of a file about many debtors, what it says of this one
}
"""What is replaced, and by what; keys and names get the store's id behind it."""
HARMLESS: Mapping[str, str] = {
    "actions": "id kind flow flow_version step currency body policy rates state notice",
    "bank_files": "sha256 name format counts",
    "bank_lines": "key account currency code reason state settled_by",
    "charges": "kind currency computation",
    "checkouts": "token key provider provider_id currency invoices state",
    "collections": "end_to_end currency invoices sequence state batch reason",
    "consents": "channel",
    "contacts": "language",
    "debtors": "kind country language time_zone size sector",
    "disputes": "category state outcome",
    "entries": "account currency",
    "events": "id type",
    "history": "kind was became by",
    "holds": "reason",
    "incoming": "source key kind",
    "invoices": "number kind currency stage flags category seller document flow step notice trail stage_before",
    "mandates": "reference scheme state",
    "messages": "action_id channel template document state",
    "outbox": "key owner subject channel resend state worker",
    "paces": "channel",
    "papers": "kind hash type",
    "pay_links": "token currency language action_id",
    "payments": "key currency state",
    "plan_terms": "",
    "plans": "invoices currency state proposed_by approved_by",
    "promises": "invoices currency state",
    "taken": "action_id channel flow_version step was_flow was_step was_stage",
    "tasks": "key kind invoices action_id",
    "transactions": "key kind posted_by note content",
}
"""The other columns with text in the tables about debtors: words of ours, ids, hashes and the creditor's own numbers."""
