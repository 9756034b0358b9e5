"""`scripta user ...`: accounts, their projects and API tokens."""

from typing import Annotated

import typer

from service.cli.options import Data, Json, answer, existing_house_at, house_at

app = typer.Typer(help="Accounts, what they may see, and API tokens.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What the account signs in with.")]


@app.command("add")
def add(
    name: Name,
    data: Data = None,
    as_json: Json = False,
    admin: Annotated[bool, typer.Option(help="May see everything.")] = False,
    password: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for where not given."
        ),
    ] = "",
) -> None:
    """Create an account."""
    from service.accounts.store import create_account
    from service.db.session import writing

    house = house_at(data)
    with writing(house.engine) as session:
        account_id = create_account(session, name, password, is_admin=admin)
    answer(f"{name} may sign in.", {"id": account_id, "name": name, "admin": admin}, as_json=as_json)


@app.command("grant")
def grant(
    name: Name,
    project: Annotated[str, typer.Argument(help="The project's name.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let an account see a project."""
    from service.accounts import store
    from service.archive.organise import project_named
    from service.db.session import writing

    house = existing_house_at(data)
    with writing(house.engine) as session:
        store.grant(session, name, project_named(session, project))
    answer(f"{name} may see {project}.", {"name": name, "project": project}, as_json=as_json)


@app.command("token")
def token(
    name: Name,
    data: Data = None,
    as_json: Json = False,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "api",
    write: Annotated[bool, typer.Option(help="May change things.")] = False,
) -> None:
    """Issue an API token; it is shown this once."""
    from service.accounts.store import issue_token
    from service.db.session import writing

    house = existing_house_at(data)
    with writing(house.engine) as session:
        secret = issue_token(session, name, label, can_write=write)
    answer(secret, {"token": secret, "label": label, "write": write}, as_json=as_json)


@app.command("revoke")
def revoke(
    name: Name,
    data: Data = None,
    as_json: Json = False,
    label: Annotated[str | None, typer.Option(help="Only the tokens for this; all where not given.")] = None,
) -> None:
    """Make an account's API tokens worthless."""
    from service.accounts.store import revoke_tokens
    from service.db.session import writing

    house = existing_house_at(data)
    with writing(house.engine) as session:
        revoked = revoke_tokens(session, name, label)
    answer(f"{revoked} tokens of {name} are revoked.", {"name": name, "revoked": revoked}, as_json=as_json)


@app.command("disable")
def disable(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Shut an account out: its password, its browsers and its tokens."""
    from service.accounts.store import disable_account
    from service.db.session import writing

    house = existing_house_at(data)
    with writing(house.engine) as session:
        disable_account(session, name)
    answer(f"{name} is shut out.", {"name": name, "disabled": True}, as_json=as_json)


@app.command("list")
def list_accounts(data: Data = None, as_json: Json = False) -> None:
    """Print the names of all accounts."""
    from service.accounts.store import names
    from service.db.session import reading

    house = existing_house_at(data)
    with reading(house.engine) as session:
        found = names(session)
    answer("\n".join(found) or "There is no account yet.", {"names": found}, as_json=as_json)
