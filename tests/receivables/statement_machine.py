"""Statements beside the ledger and the naive one: on any two days, after any bookings, the balances are equal to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from einvoice.receivables import statement
from einvoice.receivables.ledger.asof import balance
from tests.receivables.ledger_machine import START, LedgerMachine, _days, _debtors
from tests.receivables.ledger_oracle import ZERO

LAST = START + timedelta(days=400)


class StatementMachine(LedgerMachine):
    """The ledger's machine, and statements between random days."""

    read: ClassVar[int] = 0
    rows: ClassVar[int] = 0

    @rule(debtor=_debtors, one=st.just(START) | _days, other=st.just(LAST) | _days)
    def states(self, debtor: str, one: date, other: date) -> None:
        """A statement says what the ledger says: before, between, after."""
        first, last = sorted((one, other))
        ref = self.debtors[debtor]
        made = statement.read(self.connection, self.creditor, ref, first, last)
        owed = balance(self.connection, ref, last)
        before = {} if first == date.min else balance(self.connection, ref, first.fromordinal(first.toordinal() - 1))
        assert set(owed) <= {account.currency for account in made.accounts}
        for account in made.accounts:
            currency = account.currency
            assert account.opening == (before[currency].total if currency in before else ZERO)
            assert account.closing == (owed[currency].total if currency in owed else ZERO)
            assert account.closing == account.opening + sum((row.amount for row in account.rows), ZERO)
            assert account.closing == sum(account.ageing, ZERO) + account.charges - account.unallocated
            assert account.unallocated == self.naive.on_account(debtor, currency, last)
            assert all(first <= row.day <= last for row in account.rows)
            StatementMachine.rows += len(account.rows)
        StatementMachine.read += 1
