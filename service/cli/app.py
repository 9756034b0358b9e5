"""`scripta`: gathers the commands, turns errors into one line and an exit code. Never: a bare traceback.

Exit codes: 0 done; 1 refused, with the reason; 2 wrong use; 3 done, but something was unreadable or
verification found a fault.
"""

import gc
import io
import sys
from typing import NoReturn

import typer

from service.cli import (
    demo,
    export,
    extract,
    ingest,
    inspect,
    organise,
    people,
    pull,
    search,
    serve,
    sources,
    user,
    verify,
)
from service.errors import ScriptaError

app = typer.Typer(
    help="Keeps everything that was agreed in writing, and shows what was only said.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest_command)
app.command("pull")(pull.pull_command)
app.command("inspect")(inspect.inspect_command)
app.command("extract")(extract.extract_command)
app.command("search")(search.search_command)
app.command("verify")(verify.verify_command)
app.command("export")(export.export_command)
app.command("serve")(serve.serve)
app.command("side")(organise.side)
app.command("project")(organise.project)
app.add_typer(people.app, name="people")
app.add_typer(sources.app, name="sources")
app.add_typer(user.app, name="user")


def main() -> None:
    """Run one command."""
    # An ingest makes objects by the million and cycles by the dozen: looking for cycles at every 700th new
    # object took a tenth of its time.
    gc.set_threshold(50_000, 20, 20)
    # What a mail or a file name holds need not be what the terminal can show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except ScriptaError as error:
        refuse(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        refuse(f"{place}{error.strerror or error}")


def refuse(reason: str) -> NoReturn:
    """Say in one line why nothing was done, and end."""
    sys.stderr.write(f"scripta: {' '.join(reason.split())}\n")
    sys.exit(1)
