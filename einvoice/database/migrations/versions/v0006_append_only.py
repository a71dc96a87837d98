"""What was booked, consented to and decided stays as it was: the database itself refuses to change or delete it."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

APPEND_ONLY = {  # what of each row stays for ever; the rest may hold personal data, which is forgotten in time
    "entries": "id, transaction_id, creditor_id, debtor_id, invoice_id, account, currency, amount, booked",
    "transactions": "id, creditor_id, key, kind, booked, posted_at, posted_by, reverses, note, content, moves",
    "consents": "id, debtor_id, channel, granted, at",
    "history": 'id, kind, case_id, was, became, "on", at',
}

_SQLITE = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} {columns} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only: reverse it with a new row'); END
"""
_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: reverse it with a new row', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Creates the triggers."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
    for table, columns in APPEND_ONLY.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(_POSTGRESQL.format(table=table, columns=columns))
        else:
            op.execute(_SQLITE.format(table=table, verb="UPDATE", columns=f"OF {columns}"))
            op.execute(_SQLITE.format(table=table, verb="DELETE", columns=""))
