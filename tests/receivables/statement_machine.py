"""Statements beside the ledger and the naive one: after any bookings, on any two days, the balances are equal to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from hypothesis.stateful import invariant

from einvoice.receivables import statement
from einvoice.receivables.ledger.asof import balance
from tests.receivables.ledger_machine import START, LedgerMachine
from tests.receivables.ledger_oracle import ZERO

_DAY = timedelta(days=1)
LAST = START + 400 * _DAY


class StatementMachine(LedgerMachine):
    """The ledger's machine; after each booking statements of the whole time and of two parts of it."""

    read: ClassVar[int] = 0
    rows: ClassVar[int] = 0

    @invariant()
    def statements_are_the_ledger(self) -> None:
        """Each says what the ledger says before its first day, between, and at the end of its last."""
        if not hasattr(self, "debtors"):
            return
        middle = START + (len(self.made) * 37 % 230) * _DAY
        for debtor in self.debtors:
            for first, last in ((START, LAST), (START, middle), (middle, LAST)):
                self._one(debtor, first, last)

    def _one(self, debtor: str, first: date, last: date) -> None:
        ref = self.debtors[debtor]
        made = statement.read(self.connection, self.creditor, ref, first, last)
        owed, before = balance(self.connection, ref, last), balance(self.connection, ref, first - _DAY)
        assert set(owed) | set(before) <= {account.currency for account in made.accounts}
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
