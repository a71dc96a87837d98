"""Published schemas, out of the libraries that Maven brings: whether what we emit is what its standards say it looks like.

`wrong(element)` names what the schema of the element's namespace finds: ebMS 3.0 core, ebBP signals 2.0.4, XML signature, encryption
1.0 and 1.1, SBDH, SMP. The schema of WS-Security is in none of the libraries: of its header the signature, the encrypted key and the
encrypted data are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from lxml import etree

from tests.interop import maven

_SIGNED = ("xmlsec", "org/apache/xml/security/resource/schema/xmldsig-core-schema.xsd", "http://www.w3.org/2000/09/xmldsig#")
_XML = ("xmlsec", "bindings/schemas/xml.xsd", "http://www.w3.org/XML/1998/namespace")
_SETS = {
    "as4": (
        _XML,
        _SIGNED,
        ("xmlsec", "bindings/schemas/exc-c14n.xsd", "http://www.w3.org/2001/10/xml-exc-c14n#"),
        ("xmlsec", "bindings/schemas/xenc-schema.xsd", "http://www.w3.org/2001/04/xmlenc#"),
        ("xmlsec", "bindings/schemas/xenc-schema-11.xsd", "http://www.w3.org/2009/xmlenc11#"),
        ("ph-xsds-xlink", "schemas/xlink.xsd", "http://www.w3.org/1999/xlink"),
        ("phase4-lib", "external/schemas/soap11.xsd", "http://schemas.xmlsoap.org/soap/envelope/"),
        ("phase4-lib", "external/schemas/soap12.xsd", "http://www.w3.org/2003/05/soap-envelope"),
        ("phase4-lib", "external/schemas/ebbp-signals-2.0.4.xsd", "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"),
        (
            "phase4-lib",
            "external/schemas/ebms-header-3_0-200704.xsd",
            "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/",
        ),
    ),
    "sbdh": (
        (
            "ph-sbdh",
            "external/schemas/sbdh/StandardBusinessDocumentHeader.xsd",
            "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader",
        ),
    ),
    "smp": (
        _XML,
        _SIGNED,
        ("ph-xsds-wsaddr", "schemas/ws-addr.xsd", "http://www.w3.org/2005/08/addressing"),
        ("peppol-id-datatypes", "external/schemas/peppol-identifiers-v1.xsd", "http://busdox.org/transport/identifiers/1.0/"),
        ("peppol-smp-datatypes", "external/schemas/peppol-smp-types-v1-ext.xsd", "http://busdox.org/serviceMetadata/publishing/1.0/"),
    ),
}


def wrong(element: etree._Element, kind: str) -> list[str]:
    """What the schemas of a kind (`as4`, `sbdh`, `smp`) find in an element; nothing means that it is valid.

    An element whose namespace none of them describes is wrong. Raises folders.Absent.
    """
    schema = _schema(kind)
    alone = etree.fromstring(etree.tostring(element))
    return [] if schema.validate(alone) else [f"line {error.line}: {error.message}" for error in schema.error_log]


def parts(envelope: etree._Element) -> Iterator[etree._Element]:
    """The elements of a SOAP envelope that the schemas describe: the header of ebMS, signature, encrypted key and data."""
    for space, name in (
        ("http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/", "Messaging"),
        ("http://www.w3.org/2000/09/xmldsig#", "Signature"),
        ("http://www.w3.org/2001/04/xmlenc#", "EncryptedKey"),
        ("http://www.w3.org/2001/04/xmlenc#", "EncryptedData"),
    ):
        yield from envelope.iter(f"{{{space}}}{name}")


@cache
def _schema(kind: str) -> etree.XMLSchema:
    libraries = maven.built("phase4")
    with TemporaryDirectory() as folder:
        imports = []
        for library, path, namespace in _SETS[kind]:
            jar = next(libraries.glob(f"{library}-[0-9]*.jar"))
            with ZipFile(jar) as opened:
                for name in opened.namelist():
                    if name.startswith(path.rpartition("/")[0] + "/") and name.endswith(".xsd"):
                        Path(folder, Path(name).name).write_bytes(opened.read(name))
            imports.append(f'<xs:import namespace="{namespace}" schemaLocation="{Path(path).name}"/>')
        whole = Path(folder, "whole.xsd")
        whole.write_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(imports)}</xs:schema>', "utf-8")
        return etree.XMLSchema(etree.parse(whole))
