"""`scripta pull [NAME...]`: bring everything new of the added sources, once."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import INCOMPLETE, Data, Json, existing_house_at, print_json

if TYPE_CHECKING:
    from service.intake.source import AddedSource
    from service.pipeline.installation import Installation
    from service.pipeline.run import Progress, Pulled


def pull_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources; all that are not paused unless given.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
    reconcile: Annotated[
        bool,
        typer.Option("--reconcile", help="Compare everything with the server, also what looks unchanged."),
    ] = False,
    extract: Annotated[bool, typer.Option(help="Find statements and agreements as well.")] = True,
) -> None:
    """Archive everything new of mailboxes and other added sources, and say what is not here.

    Ends with 3 where a source could not be read completely.
    """
    from service.cli.ingest import join
    from service.errors import SourceBusy
    from service.pipeline.prove_origin import prove_origins
    from service.pipeline.pull import pull
    from service.pipeline.read_attachments import read_attachments

    house = existing_house_at(data)
    reports = []
    with _bar() as show:
        for source in _chosen(house, names or []):
            try:
                reports.append(pull(house, source.id, reconcile=reconcile, progress=show))
            except SourceBusy as busy:
                typer.echo(f"{source.name}: {busy}", err=True)
    if extract and any(report.new or report.changed for report in reports):
        prove_origins(house)
        join(house, lambda _done, _total: None)
        read_attachments(house)
    if as_json:
        print_json([summary(report) for report in reports])
    else:
        for report in reports:
            tell(report)
    raise typer.Exit(0 if all(report.state == "complete" for report in reports) else INCOMPLETE)


def _chosen(house: "Installation", names: list[str]) -> "list[AddedSource]":
    from service.db.session import reading
    from service.errors import ConfigError
    from service.intake.source import State
    from service.intake.store import source_named, sources

    with reading(house.engine) as session:
        if names:
            return [source_named(session, name) for name in names]
        every = sources(session)
    if not every:
        raise ConfigError(
            "There is no source to pull; add one with `scripta sources add-mailbox`, or on the page."
        )
    wanted = [one for one in every if one.state != State.PAUSED]
    if not wanted:
        raise ConfigError("Every source is paused; resume one with `scripta sources resume NAME`.")
    return wanted


@contextmanager
def _bar() -> "Iterator[Progress]":
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Connecting", total=None)

        def show(report: "Pulled") -> None:
            done = f"{report.source}, {report.place}: {report.read} of {report.expected}, {report.new} new"
            bar.update(task, description=done, completed=report.read, total=report.expected or None)

        yield show


def summary(report: "Pulled") -> dict[str, object]:
    """Return what a pull came to, for other programs."""
    return {
        "source": report.source,
        "state": report.state,
        "detail": report.detail,
        "import": report.import_id,
        "read": report.read,
        "new": report.new,
        "known": report.known,
        "changed": report.changed,
        "refused": report.refused,
        "failed": report.failed,
        "gone": report.gone,
    }


def tell(report: "Pulled") -> None:
    """Print what a pull came to, for people."""
    state = report.state.replace("_", " ")
    typer.echo(
        f"{report.source}: {state}; {report.read} read, {report.new} new, {report.known} known, "
        f"{report.refused} refused, {report.failed} not fetched, {report.gone} gone from the server"
    )
    if report.detail:
        typer.echo(f"  {report.detail}")
    if report.state == "sign_in":
        typer.echo(f"  Next: scripta sources sign-in {shlex.quote(report.source)}")
