"""Calling a verb: its module, its options, and what happens where it fails as a whole.

A verb whose module has VERBS is a family: the next word names one of them, a module of its package.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType


def call(verb: str, arguments: list[str]) -> int:
    """Runs the verb with its arguments; its exit code, 2 where the command is wrong."""
    module = import_module(f"einvoice.cli.{verb}")
    if hasattr(module, "VERBS"):
        return _family(verb, module, arguments)
    return _one(verb, module, arguments, getattr(module, "EXTRA", ""))


def _family(verb: str, module: ModuleType, arguments: list[str]) -> int:
    """Runs the verb of a family that the first word names; its help where none does."""
    word = arguments[0] if arguments else "--help"
    if word in module.VERBS:
        return _one(f"{verb} {word}", member(module, word), arguments[1:], module.EXTRA)
    if word in ("-h", "--help", "help"):
        print(_about(verb, module))
        return 0
    from difflib import get_close_matches

    near = get_close_matches(word, module.VERBS, n=1)
    hint = f"did you mean `einvoice {verb} {near[0]}`?" if near else f"the verbs are {', '.join(module.VERBS)}"
    print(f"einvoice {verb}: there is no verb {word!r}; {hint}", file=sys.stderr)
    return 2


def member(module: ModuleType, word: str) -> ModuleType:
    """The module of a family's verb."""
    return import_module(f"{module.__name__}.{module.MODULES.get(word, word)}")


def _about(verb: str, module: ModuleType) -> str:
    verbs = "\n".join(f"  {word:13}{what}" for word, what in module.VERBS.items())
    return (
        f"usage: einvoice {verb} {module.USAGE}\n\n{module.__doc__}\n\nverbs:\n{verbs}\n\nexamples:\n{module.EXAMPLES}\n"
        f"`einvoice {verb} VERB --help` explains each."
    )


def _one(verb: str, module: ModuleType, arguments: list[str], extra: str = "") -> int:
    from einvoice.cli.problems import tell

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
        tell(_absent(fault, extra) or fault)
        return 2
    return code


def _absent(fault: Exception, extra: str) -> Exception | None:
    """The same fault in other words, where what the verb's family needs is not installed."""
    from einvoice.errors import EInvoiceError

    if not extra or not isinstance(fault, ModuleNotFoundError) or str(fault.name).startswith("einvoice"):
        return None
    return EInvoiceError(f"{fault.name} is not installed; pip install 'einvoice-toolkit[{extra}]'")


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
