"""What a company sets: the rules that its invoices are held to, and what a fatal finding does to posting."""

from trytond.model import ModelSQL, fields
from trytond.modules.company.model import CompanyMultiValueMixin, CompanyValueMixin
from trytond.pool import Pool, PoolMeta

from .profiles import PROFILES

_PROFILES = [("none", "None"), *PROFILES]
_WEIGHTS = [("block", "Block the posting"), ("warn", "Warn, and let it pass")]
_FIELDS = {"einvoice_profile", "einvoice_findings"}
profile = fields.Selection(_PROFILES, "E-Invoice Profile", help="The rules that customer invoices are held to before they are posted.")
findings = fields.Selection(
    _WEIGHTS,
    "Fatal Findings",
    help="What happens to an invoice that is not valid.\nIt is sent over no network either way.",
)


class Configuration(CompanyMultiValueMixin, metaclass=PoolMeta):
    """The settings of accounting."""

    __name__ = "account.configuration"

    einvoice_profile = fields.MultiValue(profile)
    einvoice_findings = fields.MultiValue(findings)

    @classmethod
    def multivalue_model(cls, field):
        """Where the values stand."""
        if field in _FIELDS:
            return Pool().get("account.configuration.einvoice")
        return super().multivalue_model(field)

    @classmethod
    def default_einvoice_profile(cls, **pattern):  # noqa: ARG003 - Tryton's
        """What holds where nothing is set."""
        return cls.multivalue_model("einvoice_profile").default_einvoice_profile()

    @classmethod
    def default_einvoice_findings(cls, **pattern):  # noqa: ARG003 - Tryton's
        """What holds where nothing is set."""
        return cls.multivalue_model("einvoice_findings").default_einvoice_findings()


class ConfigurationEinvoice(ModelSQL, CompanyValueMixin):
    """The settings of a company."""

    __name__ = "account.configuration.einvoice"

    einvoice_profile = profile
    einvoice_findings = findings

    @classmethod
    def default_einvoice_profile(cls):
        """Peppol's rules, which hold EN 16931's."""
        return "peppol"

    @classmethod
    def default_einvoice_findings(cls):
        """Nothing invalid is posted."""
        return "block"
