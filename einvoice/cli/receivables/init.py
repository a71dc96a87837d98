"""Creates the database and writes settings and a policy to begin with. What is there already stays as it is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

USAGE = "[FOLDER]"
EXAMPLES = """\
  einvoice receivables init
  einvoice receivables init /srv/receivables
"""
_SETTINGS = """\
# Settings of einvoice; every key is explained by `einvoice doctor` and in the documentation.

[database]
url = {url}

[receivables]
policy = {policy}
print_folder = {letters}  # letters are written here, to be printed and posted
# portal_url = "https://pay.example.com"

# [smtp]                       # without a mail server, what would be mailed becomes a task for a person
# host = "mail.example.com"
# security = "starttls"        # or tls, or none
# user = "receivables"
# password = "env:SMTP_PASSWORD"   # secrets by reference only: env:NAME or file:/PATH
# sender = "receivables@example.com"

# [sending]
# mode = "dry_run"             # the most that this machine may do; the mode itself: einvoice receivables mode
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables init` understands."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="where to write the files; here unless told")


def run(options: Namespace) -> int:
    """Writes what is missing and says what comes next."""
    folder = Path(options.folder).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "letters").mkdir(mode=0o700, exist_ok=True)
    _write(folder / "policy.yaml", _policy())
    _write(folder / "einvoice.toml", _settings(folder))
    print(f"database  {_database(folder)}")
    print(_next(folder))
    return 0


def _policy() -> str:
    from einvoice.receivables import policy

    return policy.default().text


def _settings(folder: Path) -> str:
    from json import dumps  # JSON's strings are TOML's, escapes and all

    return _SETTINGS.format(
        url=dumps(f"sqlite:///{(folder / 'einvoice.db').as_posix()}"),
        policy=dumps(str(folder / "policy.yaml")),
        letters=dumps(str(folder / "letters")),
    )


def _write(path: Path, text: str) -> None:
    """Writes a file that is not there yet."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print(f"kept      {path}")
    else:
        print(f"written   {path}")


def _database(folder: Path) -> str:
    """Brings the database that the settings of the folder name to this release's shape; its address, without a password."""
    import os

    from einvoice.cli.receivables.common import opened
    from einvoice.database import migrate
    from einvoice.settings import load

    settings = load({**os.environ, "EINVOICE_CONFIG": str(folder / "einvoice.toml")})
    with opened(settings) as engine:
        migrate(engine)
        return str(engine.url.render_as_string(hide_password=True))


def _next(folder: Path) -> str:
    where = "" if folder == Path.cwd() else f"cd {folder}\n  "
    return (
        "Nothing is sent before you say so (einvoice receivables mode). Next:\n"
        f"  {where}einvoice receivables creditor add acme --name 'Acme NV' --country BE --iban BE71096123456769 --email ar@acme.example\n"
        "  einvoice receivables import invoices.csv\n"
        "  einvoice receivables plan"
    )
