"""`scripta`: gathers the commands, turns errors into one line and an exit code. Never: a bare traceback.

Exit codes: 0 done; 1 refused, with the reason; 2 wrong use; 3 done, but something was unreadable or
verification found a fault.
"""

import sys

import typer

from service.cli import demo, export, extract, ingest, inspect, organise, search, serve, user, verify
from service.errors import ScriptaError

INCOMPLETE = 3

app = typer.Typer(
    help="Keeps everything that was agreed in writing, and shows what was only said.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest_command)
app.command("inspect")(inspect.inspect_command)
app.command("extract")(extract.extract_command)
app.command("search")(search.search_command)
app.command("verify")(verify.verify_command)
app.command("export")(export.export_command)
app.command("serve")(serve.serve)
app.command("side")(organise.side)
app.command("project")(organise.project)
app.add_typer(user.app, name="user")


def main() -> None:
    """Run one command."""
    try:
        app()
    except ScriptaError as error:
        sys.stderr.write(f"scripta: {error}\n")
        sys.exit(1)
