"""Looks at what the settings lead to, and says what mends it: database, mail server, folders, policy, rates, secrets, mode.

Nothing is sent and nothing is changed, except that --migrate brings the database to the shape of this release."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = ""
EXAMPLES = """\
  einvoice doctor
  einvoice doctor --format json
  einvoice doctor --migrate
  einvoice doctor --new-secret
"""


def options(parser: ArgumentParser) -> None:
    """What `doctor` understands."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")
    parser.add_argument("--migrate", action="store_true", help="create the database, or bring it to the shape of this release, first")
    parser.add_argument("--new-secret", action="store_true", help="print a new secret for a webhook, and do nothing else")


def run(options: Namespace) -> int:
    """Prints a line a check; 0 where all is well, 1 where something should be looked at, 2 where something does not work."""
    if options.new_secret:
        import base64
        import secrets

        print(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        return 0
    from einvoice.cli.examination import LEVELS, examine

    if options.migrate:
        _migrate()
    checks = examine()
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text([check._asdict() for check in checks], indent=1))
    else:
        for check in checks:
            print(f"{check.level:6}{check.name:12}{check.text}" + (f"; {check.mend}" if check.mend else ""))
    return max(LEVELS.index(check.level) for check in checks)


def _migrate() -> None:
    from einvoice.database import migrate, open_database
    from einvoice.settings import current

    engine = open_database(current().database.address())
    try:
        migrate(engine)
    finally:
        engine.dispose()
