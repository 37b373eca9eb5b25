#!/usr/bin/env python3
"""parity_page.py VERSION FILE: writes the manual page of locust-parity, out of its command line."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

from locust_parity import arguments  # noqa: E402

NAME = "locust-parity"
SUMMARY = "compares locustfiles under stock Locust and under locust-cpp"
ESCAPES = {"\\": "\\(rs", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def roff(text: str) -> str:
    """Text that means nothing but itself."""
    escaped = "".join(ESCAPES.get(character, character) for character in text)
    return "\\&" + escaped if escaped.startswith(".") else escaped


def entry(action) -> str:
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in action.option_strings)
    value = "" if action.nargs == 0 else f"\\fI{roff(action.metavar)}\\fR"
    help_text = action.help[:1].upper() + action.help[1:]
    return f".TP\n{names} {value}".rstrip() + f"\n{roff(help_text)}.\n"


def page(version: str) -> str:
    parser = arguments.parser(NAME)
    title = f'.TH {roff(NAME.upper())} 1 "" "locust\\-cpp {version}" "User Commands"\n'
    text = title + f".SH NAME\n{roff(NAME)} \\- {roff(SUMMARY)}\n"
    text += f".SH SYNOPSIS\n.B {roff(NAME)}\n\\fB\\-\\-stock\\fR \\fIPROGRAM\\fR [\\fIoption\\fR ...] \\fIFILE\\fR ... "
    text += "[\\-\\- \\fIargument\\fR ...]\n"
    text += f".SH DESCRIPTION\n{roff(' '.join(arguments.DESCRIPTION.split()))}\n.SH OPTIONS\n"
    for group in parser._action_groups:
        options = [action for action in group._group_actions if action.option_strings]
        if options:
            text += f".SS {roff(group.title[:1].upper() + group.title[1:])}\n"
            text += f"{roff(group.description)}\n" if group.description else ""
            text += "".join(map(entry, options))
    text += f".SH EXIT STATUS\n{roff(' '.join(arguments.EPILOG.split()))}\n"
    return text + ".SH SEE ALSO\n.BR locust (1),\n.BR locust\\-master (1),\n.BR locust\\-worker (1)\n"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    file = pathlib.Path(sys.argv[2])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(sys.argv[1]), encoding="utf-8")
