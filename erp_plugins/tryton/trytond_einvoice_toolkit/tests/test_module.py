"""What Tryton checks of every module: views, fields, access, labels, dependencies."""

from typing import ClassVar

from trytond.modules.company.tests import CompanyTestMixin
from trytond.tests.test_tryton import ModuleTestCase


class EinvoiceToolkitTestCase(CompanyTestMixin, ModuleTestCase):
    """The module is whole."""

    module = "einvoice_toolkit"
    extras: ClassVar = ["bank"]


del ModuleTestCase
