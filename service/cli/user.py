"""`scripta user ...`: accounts, their projects and API tokens."""

from typing import Annotated

import typer

from service.accounts import store
from service.archive.organise import create_project
from service.cli.options import Data, house_at
from service.db.session import reading, writing

app = typer.Typer(help="Accounts, what they may see, and API tokens.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What the account signs in with.")]


@app.command("add")
def add(
    name: Name,
    data: Data = None,
    admin: Annotated[bool, typer.Option(help="May see everything.")] = False,
    password: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for where not given."
        ),
    ] = "",
) -> None:
    """Create an account."""
    house = house_at(data)
    with writing(house.engine) as session:
        store.create_account(session, name, password, is_admin=admin)
    typer.echo(f"{name} may sign in.")


@app.command("grant")
def grant(
    name: Name, project: Annotated[str, typer.Argument(help="The project's name.")], data: Data = None
) -> None:
    """Let an account see a project."""
    house = house_at(data)
    with writing(house.engine) as session:
        store.grant(session, name, create_project(session, project, ""))
    typer.echo(f"{name} may see {project}.")


@app.command("token")
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "api",
    data: Data = None,
    write: Annotated[bool, typer.Option(help="May change things.")] = False,
) -> None:
    """Issue an API token; it is shown this once."""
    house = house_at(data)
    with writing(house.engine) as session:
        typer.echo(store.issue_token(session, name, label, can_write=write))


@app.command("list")
def list_accounts(data: Data = None) -> None:
    """Print the names of all accounts."""
    house = house_at(data)
    with reading(house.engine) as session:
        typer.echo("\n".join(store.names(session)))
