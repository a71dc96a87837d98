"""A database with the module, for the tests of a class; the same on each series of Tryton."""

from unittest import TestCase

from trytond.tests.test_tryton import activate_module, drop_db


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
