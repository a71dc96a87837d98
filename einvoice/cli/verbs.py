"""Calling a verb: its module, its options, and what happens where it fails as a whole."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType


def call(verb: str, arguments: list[str]) -> int:
    """Runs the verb with its arguments; its exit code, 2 where the command is wrong."""
    from einvoice.cli.problems import tell

    module = import_module(f"einvoice.cli.{verb}")
    try:
        options = parser(verb, module).parse_intermixed_args(arguments)
    except SystemExit as end:  # argparse has printed why
        return end.code if isinstance(end.code, int) else 2
    try:
        code: int = module.run(options)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as fault:  # the last door: whatever it is, a message, never a traceback
        sys.stdout.flush()
        tell(fault)
        return 2
    return code


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help of a fixed width: to look for the terminal's costs 3 ms on every start, even where no help is printed."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=110)


def parser(verb: str, module: ModuleType) -> argparse.ArgumentParser:
    """What the verb understands."""
    made = argparse.ArgumentParser(
        prog=f"einvoice {verb}",
        usage=" ".join(part for part in ("%(prog)s", module.USAGE, "[options]") if part),  # argparse takes 3 ms for it
        description=module.__doc__,
        epilog=f"examples:\n{module.EXAMPLES}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    module.options(made)
    return made
