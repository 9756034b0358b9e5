"""Ask for a password or token. In: a file, or a person at the terminal. Never: shows it."""

import sys
from pathlib import Path

import typer

from service.errors import ConfigError


def ask_secret(file: Path | None, what: str = "password") -> str:
    """Return a password or token: asked for, or of a file without its line end. Raises ConfigError."""
    if file is None:
        if not sys.stdin.isatty():
            raise ConfigError(f"There is no terminal to ask for the {what}: give it with --{what}-file.")
        return str(typer.prompt(what.capitalize(), hide_input=True))
    place = "Standard input" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        # Its message would quote the password.
        raise ConfigError(f"{place} is no text in UTF-8: write the {what} alone into it.") from None
    if not (secret := text.rstrip("\r\n")):
        raise ConfigError(f"{place} is empty: write the {what} into it.")
    return secret
