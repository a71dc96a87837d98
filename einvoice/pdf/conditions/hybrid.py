"""What makes a PDF/A-3 a hybrid invoice: Factur-X 1.0 / ZUGFeRD 2, section 6.2, and for older files ZUGFeRD 1 and 2.0 likewise."""

from __future__ import annotations

from einvoice.pdf import levels
from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.seen.hybrid import Claim, Invoice, dated
from einvoice.pdf.conditions.seen.values import name, string
from einvoice.report import Severity

_ANY = ("Alternative", "Source", "Data")
_PROPERTIES = frozenset({"DocumentType", "DocumentFileName", "Version", "ConformanceLevel"})


@condition("FX-invoice", "itself")
def there_is_one_invoice(document: Document) -> object:
    """Attach exactly one XML of the invoice, named factur-x.xml (xrechnung.xml at the level XRECHNUNG)."""
    return len(document.invoices) == 1


@condition("FX-xml", "invoices")
def invoice_is_cii(invoice: Invoice) -> object:
    """Attach the invoice as well-formed XML of UN/CEFACT (CII); an invoice in UBL is converted first."""
    return invoice.is_cii


@condition("FX-name", "invoices")
def invoice_has_the_name_of_the_standard(invoice: Invoice) -> object:
    """Name the XML as its standard does: factur-x.xml or xrechnung.xml, zugferd-invoice.xml for ZUGFeRD 2.0, ZUGFeRD-invoice.xml for 1."""
    return invoice.standard is not None and invoice.filename in invoice.standard.filenames


@condition("FX-associated", "invoices")
def invoice_is_associated_with_the_document(invoice: Invoice) -> object:
    """Name the XML's file specification in the array AF of the catalog."""
    return invoice.associated


@condition("FX-relationship", "invoices")
def relationship_fits_the_level(invoice: Invoice) -> object:
    """Set AFRelationship to Data for MINIMUM and BASIC WL; to Alternative, Source or Data for the other levels."""
    return invoice.relationship in (invoice.level.relationships if invoice.level else _ANY)


@condition("FX-relationship-germany", "invoices", Severity.WARNING)
def relationship_fits_germany(invoice: Invoice) -> object:
    """Set AFRelationship to Alternative: in Germany the XML is the invoice as much as the PDF is."""
    if invoice.level is None or invoice.country != "DE":
        return True
    allowed = invoice.level.allowed("DE")
    return invoice.relationship in allowed or invoice.relationship not in invoice.level.relationships


@condition("FX-type", "invoices")
def invoice_is_typed_as_xml(invoice: Invoice) -> object:
    """Set Subtype of the attached XML to text/xml."""
    return name(invoice.stream.get("/Subtype")) == "text/xml"


@condition("FX-date", "invoices", Severity.WARNING)
def invoice_is_dated(invoice: Invoice) -> object:
    """State when the XML was changed last, as ModDate in Params of its stream."""
    return dated(invoice)


@condition("FX-description", "invoices", Severity.INFORMATION)
def invoice_is_described(invoice: Invoice) -> object:
    """Describe the XML in Desc of its file specification: readers show that to people."""
    return string(invoice.specification.get("/Desc")) is not None


@condition("FX-metadata", "invoices")
def metadata_claim_the_invoice(invoice: Invoice) -> object:
    """State the Factur-X properties in the metadata: DocumentType, DocumentFileName, Version, ConformanceLevel."""
    return invoice.claim is not None


@condition("FX-namespace", "claims")
def namespace_is_that_of_the_standard(claim: Claim) -> object:
    """Spell the namespace of the Factur-X properties as the standard does: urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#."""
    return claim.namespace == claim.standard.namespace


@condition("FX-schema", "itself")
def schema_defines_the_properties(document: Document) -> object:
    """Define the four Factur-X properties in an extension schema of the metadata, under the namespace that they are stated with."""
    return all(set(document.defined.get(claim.namespace, ())) >= _PROPERTIES for claim in document.claims)


@condition("FX-document-type", "claims")
def document_is_an_invoice(claim: Claim) -> object:
    """Set DocumentType in the metadata to INVOICE, for credit notes as well."""
    return claim.said.get("DocumentType") == "INVOICE"


@condition("FX-version", "claims")
def version_is_stated(claim: Claim) -> object:
    """State the Version of the standard in the metadata: 1.0 for Factur-X, that of XRechnung at the level XRECHNUNG."""
    return claim.said.get("Version")


@condition("FX-level", "claims")
def level_is_known(claim: Claim) -> object:
    """Set ConformanceLevel in the metadata to MINIMUM, BASIC WL, BASIC, EN 16931, EXTENDED or XRECHNUNG; ZUGFeRD 1 has COMFORT, too."""
    return claim.said.get("ConformanceLevel") in {each.name for each in claim.standard.levels}


@condition("FX-file-name", "invoices")
def metadata_name_the_file(invoice: Invoice) -> object:
    """Set DocumentFileName in the metadata to the name of the attached XML."""
    return invoice.claim is None or invoice.claim.said.get("DocumentFileName") == invoice.filename


@condition("FX-level-agrees", "invoices")
def metadata_and_xml_agree_on_the_level(invoice: Invoice) -> object:
    """Set ConformanceLevel in the metadata to the level that the XML names (BT-24), or name that level in the XML."""
    if invoice.claim is None or not invoice.is_cii:
        return True
    stated = levels.by_name(invoice.claim.said.get("ConformanceLevel", ""), invoice.claim.standard)
    return invoice.level is not None and stated is not None and stated.name == invoice.level.name
