"""Options that several verbs share, each with one meaning."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

LANGUAGES = ("en", "nl", "de", "fr")


def files(parser: ArgumentParser, *, optional: bool = False, kinds: tuple[str, ...] = (".xml", ".pdf")) -> None:
    """The documents to work on."""
    every = " and ".join(f"*{kind}" for kind in kinds)
    what = f"a file, a folder (every {every} in it and below), a glob, or - for standard input"
    parser.add_argument("files", metavar="FILE", nargs="*" if optional else "+", help=what)
    max_size(parser)


def max_size(parser: ArgumentParser) -> None:
    """How large a document may be."""
    parser.add_argument("--max-size", type=_size, metavar="SIZE", help='refuse larger documents; by default the setting, "100 MB"')


def formats(parser: ArgumentParser, *names: str) -> None:
    """How to print, the first name being the default."""
    parser.add_argument("--format", choices=names, default=names[0], help=f"how to print; {names[0]} unless told (jsonl: one line a file)")


def language(parser: ArgumentParser) -> None:
    """In which language to name business terms."""
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the names of business terms; en unless told")


def profile(parser: ArgumentParser, what: str) -> None:
    """A profile by name."""
    parser.add_argument("--profile", type=_profile, metavar="NAME", help=f"{what}: en16931, peppol, xrechnung, nlcius, …")


def syntax(parser: ArgumentParser, name: str = "--syntax", *, required: bool = False) -> None:
    """UBL or CII."""
    default = None if required else "ubl"
    parser.add_argument(name, dest="syntax", choices=("ubl", "cii"), required=required, default=default, help="the syntax to write")


def prices(parser: ArgumentParser) -> None:
    """Whether prices include VAT."""
    what = "gross: prices, allowances and charges include VAT, and the total is what they add up to; net unless told"
    parser.add_argument("--prices", choices=("net", "gross"), default="net", help=what)


def output(parser: ArgumentParser, what: str = "FILE") -> None:
    """Where to write, and whether a file there may be replaced."""
    parser.add_argument("-o", "--output", metavar=what, help="where to write; standard output unless told")
    parser.add_argument("--force", action="store_true", help="replace what is there already")


def _size(text: str) -> int:
    from einvoice.settings import size

    try:
        return size(text)
    except ValueError as fault:
        raise ArgumentTypeError(str(fault)) from None


def _profile(text: str) -> str:
    from einvoice_schemas.profiles import profile

    try:
        return profile(text).name
    except KeyError as fault:
        raise ArgumentTypeError(fault.args[0]) from None
