"""Makes a PKI to test with: a root, the CAs of access points and SMPs, seats with their keys, in files.

What is made here is trusted by nobody else, and only in the test network: it is for two access points of your own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

USAGE = "test --into FOLDER"
EXAMPLES = """\
  einvoice peppol pki test --into pki
  einvoice peppol pki test --into pki --seat PNL000001 --seat PBE000002 --smp PNL000901
  einvoice peppol pki test --into pki --seat PNL000009 --fault expired
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol pki` understands."""
    parser.add_argument("what", choices=("test",))
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="where it stands; what is there already is used")
    parser.add_argument("--seat", action="append", default=[], metavar="ID", help="make an access point; PNL000001 where nothing is named")
    parser.add_argument("--smp", action="append", default=[], metavar="ID", help="make an SMP")
    parser.add_argument("--fault", metavar="NAME", help="make the named ones with a fault; `--fault list` names them all")
    parser.add_argument("--bits", type=int, choices=(2048, 4096), default=2048, help="size of the keys; 2048 unless told")


def run(options: Namespace) -> int:
    """Makes what is asked and says how it is used."""
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki import anchors, testing, testing_files

    if options.fault == "list":
        print("\n".join(testing.FAULTS))
        return 0
    if options.fault is not None and options.fault not in testing.FAULTS:
        raise CertificateError(f"there is no fault {options.fault!r}; `einvoice peppol pki test --into FOLDER --fault list` names them")
    seats = options.seat or ([] if options.smp else ["PNL000001"])
    network = testing.network(options.into, size=options.bits)
    made = [network.access_point(_seat(name), name[1:3], options.fault) for name in seats]
    made += [network.smp(_seat(name), name[1:3], options.fault) for name in options.smp]
    for name, one in zip((*seats, *options.smp), made, strict=True):
        certificate, key = testing_files.write(options.into, name, one)
        print(f"{certificate} and {key}: {name}" + (f", {options.fault}" if options.fault else ""))
    trusted = [(network.root, "root"), (network.ap_ca, "ap"), (network.smp_ca, "smp")]
    folder = options.into / "trust"
    anchors.install(folder, "test", [anchors.Anchor(one.certificate, role) for one, role in trusted])
    print(f"{options.into / testing_files.ANCHORS}: root and CAs; {folder}: the same as trust anchors of the test network\n")
    print(f'[peppol]\ntrust = "{folder}"\nrevocation = "where_reachable"')
    if seats:
        print(f'certificate = "{options.into / seats[0]}.pem"\nkey = "{options.into / seats[0]}.key"')
    return 0


def _seat(name: str) -> str:
    from einvoice.errors import CertificateError
    from einvoice_peppol.pki.judging import SEAT

    if not SEAT.fullmatch(name):
        raise CertificateError(f"{name!r} is no seat id: it is P, a country, six digits, such as PNL000001")
    return name
