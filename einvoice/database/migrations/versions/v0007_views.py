"""Views for reports: names instead of ids, amounts as decimals, the same columns on both databases (docs/ledger.md)."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_LATE = {
    "sqlite": "MAX(0, CAST(julianday(CURRENT_DATE) - julianday(i.due) AS INTEGER))",
    "postgresql": "GREATEST(0, CURRENT_DATE - i.due)",
}
_DOCUMENT = """
    i.id AS invoice_id, i.number AS number, i.kind AS kind, i.issued AS issued, i.due AS due, i.currency AS currency,
    c.key AS creditor, d.key AS debtor, d.name AS debtor_name, d.kind AS debtor_kind, d.country AS country, d.region AS region,
    d.sector AS sector, ROUND(i.amount / 1000.0, 3) AS amount, ROUND(i.open / 1000.0, 3) AS open, ROUND(i.charges / 1000.0, 3) AS charges
"""
_FOLLOW_UP = """
    i.stage AS stage, i.flow AS flow, i.step AS step, i.step_on AS step_on, i.contacts AS contacts,
    i.category AS category, i.product AS product, i.seller AS seller
"""
_PARTIES = "JOIN creditors c ON c.id = i.creditor_id JOIN debtors d ON d.id = i.debtor_id"

VIEWS = {
    "v_invoices": """
SELECT DOCUMENT, i.settled_on AS settled_on, LATE AS days_past_due, FOLLOW_UP
FROM invoices i PARTIES
""",
    "v_open_items": """
SELECT DOCUMENT, LATE AS days_late,
    CASE WHEN LATE <= 0 THEN 'not_due' WHEN LATE <= 30 THEN 'days_1_30' WHEN LATE <= 60 THEN 'days_31_60'
         WHEN LATE <= 90 THEN 'days_61_90' WHEN LATE <= 120 THEN 'days_91_120' ELSE 'beyond_120' END AS band,
    CASE WHEN EXISTS (
        SELECT 1 FROM holds h
        WHERE h.debtor_id = i.debtor_id AND (h.invoice_id IS NULL OR h.invoice_id = i.id) AND h.ended_on IS NULL
          AND h.since <= CURRENT_DATE AND (h.until IS NULL OR h.until >= CURRENT_DATE)
    ) THEN 1 ELSE 0 END AS held, FOLLOW_UP
FROM invoices i PARTIES
WHERE i.open <> 0 OR i.charges <> 0
""",
    "v_ageing": """
SELECT c.key AS creditor, i.currency AS currency,
    ROUND(SUM(CASE WHEN LATE <= 0 THEN i.open ELSE 0 END) / 1000.0, 3) AS not_due,
    ROUND(SUM(CASE WHEN LATE > 0 AND LATE <= 30 THEN i.open ELSE 0 END) / 1000.0, 3) AS days_1_30,
    ROUND(SUM(CASE WHEN LATE > 30 AND LATE <= 60 THEN i.open ELSE 0 END) / 1000.0, 3) AS days_31_60,
    ROUND(SUM(CASE WHEN LATE > 60 AND LATE <= 90 THEN i.open ELSE 0 END) / 1000.0, 3) AS days_61_90,
    ROUND(SUM(CASE WHEN LATE > 90 AND LATE <= 120 THEN i.open ELSE 0 END) / 1000.0, 3) AS days_91_120,
    ROUND(SUM(CASE WHEN LATE > 120 THEN i.open ELSE 0 END) / 1000.0, 3) AS beyond_120,
    ROUND(SUM(i.open) / 1000.0, 3) AS principal, ROUND(SUM(i.charges) / 1000.0, 3) AS charges
FROM invoices i JOIN creditors c ON c.id = i.creditor_id
WHERE i.open <> 0 OR i.charges <> 0
GROUP BY c.key, i.currency
""",
    "v_balances": """
SELECT c.key AS creditor, d.key AS debtor, d.name AS debtor_name, e.currency AS currency,
    ROUND(SUM(CASE WHEN e.account = 'principal' THEN e.amount ELSE 0 END) / 1000.0, 3) AS principal,
    ROUND(SUM(CASE WHEN e.account = 'charges' THEN e.amount ELSE 0 END) / 1000.0, 3) AS charges,
    ROUND(SUM(CASE WHEN e.account = 'unallocated' THEN -e.amount ELSE 0 END) / 1000.0, 3) AS unallocated,
    ROUND(SUM(e.amount) / 1000.0, 3) AS total
FROM entries e JOIN debtors d ON d.id = e.debtor_id JOIN creditors c ON c.id = d.creditor_id
WHERE e.account IN ('principal', 'charges', 'unallocated')
GROUP BY c.key, d.key, d.name, e.currency
""",
    "v_customers": """
SELECT d.id AS debtor_id, c.key AS creditor, d.key AS debtor, d.name AS name, d.kind AS kind, d.country AS country, d.region AS region,
    d.size AS size, d.sector AS sector, d.language AS language, d.score AS score, p.key AS parent, d.customer_since AS customer_since,
    d.first_posted AS first_invoice, d.posted AS invoices, d.settled AS settled, d.settled_late AS settled_late,
    d.days_late AS days_late, d.insolvent_on AS insolvent_on, d.forgotten_on AS forgotten_on
FROM debtors d JOIN creditors c ON c.id = d.creditor_id LEFT JOIN debtors p ON p.id = d.parent_id
""",
    "v_payments": """
SELECT p.id AS payment_id, c.key AS creditor, d.key AS debtor, p.key AS payment, p.booked AS booked, p.currency AS currency,
    ROUND(p.amount / 1000.0, 3) AS amount, ROUND(COALESCE(m.unmoved, 0) / 1000.0, 3) AS on_account, p.state AS state,
    p.reference AS reference
FROM payments p JOIN creditors c ON c.id = p.creditor_id LEFT JOIN debtors d ON d.id = p.debtor_id
LEFT JOIN (
    SELECT COALESCE(t.moves, t.id) AS source, SUM(-e.amount) AS unmoved
    FROM entries e JOIN transactions t ON t.id = e.transaction_id
    WHERE e.account = 'unallocated' GROUP BY COALESCE(t.moves, t.id)
) m ON m.source = p.transaction_id
""",
    "v_charges": """
SELECT g.id AS charge_id, c.key AS creditor, d.key AS debtor, i.number AS number, g.kind AS kind, g.until AS until,
    g.currency AS currency, ROUND(g.amount / 1000.0, 3) AS amount, ROUND(g.vat / 1000.0, 3) AS vat, t.booked AS booked,
    g.waived_on AS waived_on, CASE WHEN r.id IS NULL THEN 0 ELSE 1 END AS reversed
FROM charges g JOIN invoices i ON i.id = g.invoice_id PARTIES JOIN transactions t ON t.id = g.transaction_id
LEFT JOIN transactions r ON r.reverses = g.transaction_id
""",
    "v_entries": """
SELECT e.id AS entry_id, e.transaction_id AS transaction_id, t.kind AS kind, t.key AS key, e.booked AS booked, c.key AS creditor,
    d.key AS debtor, i.number AS number, e.account AS account, e.currency AS currency, ROUND(e.amount / 1000.0, 3) AS amount,
    t.reverses AS reverses
FROM entries e JOIN transactions t ON t.id = e.transaction_id JOIN creditors c ON c.id = e.creditor_id
LEFT JOIN debtors d ON d.id = e.debtor_id LEFT JOIN invoices i ON i.id = e.invoice_id
""",
}
"""The views; words in capitals stand for what several have in common."""


def upgrade() -> None:
    """Creates them."""
    shared = {"DOCUMENT": _DOCUMENT, "FOLLOW_UP": _FOLLOW_UP, "PARTIES": _PARTIES, "LATE": _LATE[op.get_bind().dialect.name]}
    for name, body in VIEWS.items():
        for word, text in shared.items():
            body = body.replace(word, text.strip())
        op.execute(f"CREATE VIEW {name} AS {body}")
