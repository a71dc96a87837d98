"""A database with the module, for the tests of a class; the same on each series of Tryton."""

from unittest import TestCase

from trytond.tests.test_tryton import DB_NAME, activate_module, drop_db
from trytond.transaction import Transaction, TransactionError
from trytond.worker import run_task


class DatabaseTestCase(TestCase):
    """Tests in a database that is made before the first and dropped after the last."""

    modules = ("einvoice_toolkit", "account_deposit", "bank")

    @classmethod
    def setUpClass(cls):
        """Makes it."""
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        activate_module(list(cls.modules))


def in_transaction(work, then=None):
    """Does the work as Tryton does a request: in a transaction that begins again with the locks it needs; then what was queued."""
    locks = {}
    while True:
        with Transaction().start(DB_NAME, 1, context={"_skip_warnings": True}, **locks) as transaction:
            try:
                done = work()
                if then:
                    raise then
                transaction.commit()
            except TransactionError as wanted:
                transaction.rollback()
                transaction.tasks.clear()
                wanted.fix(locks)
                continue
            except BaseException:
                transaction.rollback()
                transaction.tasks.clear()
                raise
        while transaction.tasks:
            run_task(DB_NAME, transaction.tasks.pop())
        return done
