"""`scripta sources ...`: mailboxes, chats, folders and intakes that are read again and again."""

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.ask_secret import ask_secret
from service.cli.chat_sources import add_matrix, add_mattermost, add_slack, add_telegram
from service.cli.options import INCOMPLETE, Data, Json, answer, existing_house_at, house_at, print_json

if TYPE_CHECKING:
    from service.intake.live_chats import LiveChat
    from service.intake.source import AddedSource, FolderState
    from service.pipeline.installation import Installation

app = typer.Typer(help="Sources that are read again and again: mailboxes, chats, folders, intakes.")
Name = Annotated[str, typer.Argument(help="The source's name.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="A file that holds the password, or - for standard input; asked for where not given."),
]


@app.callback(invoke_without_command=True)
def list_sources(context: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """Show every source: whether all of it is here, since when not, and what to do. Ends with 3 if not."""
    if context.invoked_subcommand is not None:
        return
    from service.db.session import reading
    from service.intake.source import State
    from service.intake.store import sources

    house = existing_house_at(data)
    with reading(house.engine) as session:
        every = sources(session)
    if as_json:
        print_json([_plain(one) for one in every])
    for one in [] if as_json else every:
        _tell(one)
    if not every and not as_json:
        typer.echo("There is none yet; add one with `scripta sources add-mailbox`, or on the page.")
    well = {State.COMPLETE, State.NEW, State.PAUSED}
    raise typer.Exit(0 if all(one.state in well for one in every) else INCOMPLETE)


@app.command("add-mailbox")
def add_mailbox(
    address: Annotated[str, typer.Argument(help="The mail address.")],
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it; the address unless given.")] = "",
    host: Annotated[str, typer.Option(help="IMAP server; known for many addresses.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: the usual one.")] = 0,
    security: Annotated[str, typer.Option(help="tls, starttls or none.")] = "",
    user: Annotated[str, typer.Option(help="What you sign in with; the address unless given.")] = "",
    provider: Annotated[str, typer.Option(help="Sign in with google or microsoft, not a password.")] = "",
    include: Annotated[
        list[str] | None, typer.Option(help="Only these folders; * and ? may be used.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Not these folders.")] = None,
    junk: Annotated[bool, typer.Option(help="Junk and trash as well.")] = False,
    ca_file: Annotated[str, typer.Option(help="Certificates to trust beside the system's.")] = "",
    password_file: PasswordFile = None,
) -> None:
    """Add a mailbox; it is read by `scripta serve` from now on, or once by `scripta pull`."""
    from service.pipeline.sources import add, password_secret

    settings: dict[str, Any] = {
        "user": user or address,
        "provider": provider,
        "ca_file": ca_file,
        "junk": junk,
    }
    settings |= {"include": include or [], "exclude": exclude or []}
    settings |= _server(address, host, port, security, told=bool(provider))
    house, name = house_at(data), name or address
    secret = "" if provider else password_secret(ask_secret(password_file))
    source_id = add(house, name, "imap", settings, secret)
    said = f"{name} was added."
    if provider:
        said += f" Sign in next: scripta sources sign-in {shlex.quote(name)}"
    answer(said, {"id": source_id, "name": name}, as_json=as_json)


@app.command("add-folder")
def add_folder(
    path: Annotated[Path, typer.Argument(help="A folder into which people put exports and mails.")],
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it; the path unless given.")] = "",
    zone: Annotated[str, typer.Option(help="Zone of times without one, like Europe/Warsaw.")] = "",
    date_order: Annotated[str, typer.Option(help="day-first or month-first, where asked for.")] = "",
    move_read: Annotated[bool, typer.Option(help="Move what was read into its folder `read`.")] = False,
) -> None:
    """Watch a folder: what is put into it is archived as soon as it stops growing."""
    settings: dict[str, Any] = {"path": str(path.absolute()), "zone": zone, "date_order": date_order}
    settings["move_read"] = move_read
    _add(house_at(data), name or str(path), "folder", settings, as_json=as_json)


@app.command("add-smtp")
def add_smtp(
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it.")] = "Journal",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 2525,
    recipient: Annotated[list[str] | None, typer.Option(help="Take mail for these addresses alone.")] = None,
    allow_from: Annotated[
        list[str] | None, typer.Option(help="Networks that may send, like 10.0.0.0/8.")
    ] = None,
) -> None:
    """Take in mail by SMTP: journaling, forwarding, or a copy to an address of its own."""
    settings: dict[str, Any] = {"host": host, "port": port, "recipients": recipient or []}
    if allow_from:
        settings["allow_from"] = allow_from
    _add(house_at(data), name, "smtp", settings, as_json=as_json)


app.command("add-telegram")(add_telegram)
app.command("add-slack")(add_slack)
app.command("add-mattermost")(add_mattermost)
app.command("add-matrix")(add_matrix)


@app.command("show")
def show(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Show each folder or chat, and what became of it. Ends with 3 if not all is here."""
    from service.db.session import reading
    from service.intake.folders import folder_states
    from service.intake.live_chats import live_chats
    from service.intake.store import source_named

    house = existing_house_at(data)
    with reading(house.engine) as session:
        source = source_named(session, name)
        folders = folder_states(session, source.id)
        chats = live_chats(session, source.id)
    if as_json:
        told = {"folders": [_folder(one) for one in folders], "chats": [_chat(one) for one in chats]}
        print_json(_plain(source) | told)
    else:
        _tell(source)
        if folders or not chats:
            _table(folders)
        for chat in chats:
            typer.echo(f"{chat.title}: {chat.trouble or 'followed'}")
    is_whole = all(one.is_complete for one in folders if not one.ended_at)
    raise typer.Exit(0 if is_whole and not any(one.trouble for one in chats) else INCOMPLETE)


@app.command("sign-in")
def sign_in(name: Name, data: Data = None, as_json: Json = False, password_file: PasswordFile = None) -> None:
    """Enter a new password or token, or sign in with a code where the provider has codes."""
    from service.pipeline.sources import change, password_secret

    house, source = _named(data, name)
    if source.settings.get("provider"):
        _sign_in_with_code(house, source)
    else:
        change(house, source.id, source.settings, password_secret(ask_secret(password_file)))
    answer(f"{source.name} is read from now on.", {"id": source.id, "name": source.name}, as_json=as_json)


@app.command("pause")
def pause(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Stop reading a source for now."""
    from service.pipeline import sources

    house, source = _named(data, name)
    sources.pause(house, source.id)
    answer(f"{source.name} is paused.", {"id": source.id, "paused": True}, as_json=as_json)


@app.command("resume")
def resume(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Read a paused source again."""
    from service.pipeline import sources

    house, source = _named(data, name)
    sources.resume(house, source.id)
    answer(f"{source.name} is read again.", {"id": source.id, "paused": False}, as_json=as_json)


@app.command("remove")
def remove(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Forget a source and its password; every message that came from it stays."""
    from service.pipeline import sources

    house, source = _named(data, name)
    sources.remove(house, source.id)
    said = f"{source.name} is no longer read; its messages stay."
    answer(said, {"id": source.id, "removed": True}, as_json=as_json)


def _add(house: "Installation", name: str, kind: str, settings: dict[str, Any], *, as_json: bool) -> None:
    from service.pipeline.sources import add

    source_id = add(house, name, kind, settings)
    answer(f"{name} was added.", {"id": source_id, "name": name}, as_json=as_json)


def _server(address: str, host: str, port: int, security: str, *, told: bool) -> dict[str, Any]:
    """Return where the mailbox is: as the person says, or as is known of the address."""
    from service.sources.imap.presets import preset_of

    preset = None if host else preset_of(address)
    if preset and preset.needs and not told:
        hint = f"{preset.name} may want a password for apps, or IMAP switched on: {preset.help_url}"
        typer.echo(hint, err=True)
    if preset:
        host, port = preset.server.host, port or preset.server.port
        security = security or preset.server.security.value
    return {"host": host, "port": port, "security": security or "tls"}


def _named(data: Path | None, name: str) -> "tuple[Installation, AddedSource]":
    from service.db.session import reading
    from service.intake.store import source_named

    house = existing_house_at(data)
    with reading(house.engine) as session:
        return house, source_named(session, name)


def _sign_in_with_code(house: "Installation", source: "AddedSource") -> None:
    """Show a code to type elsewhere, and wait until that is done (RFC 8628)."""
    from service.errors import ConfigError
    from service.pipeline.oauth_app import app_of
    from service.pipeline.sources import sign_in
    from service.sources.oauth.choose import provider_named
    from service.sources.oauth.sign_in import begin_device, poll_device
    from service.sources.oauth.tokens import Tokens

    provider = provider_named(str(source.settings["provider"]))
    if provider.device_url is None:
        raise ConfigError(
            f"{provider.label} gives no codes for mailboxes: sign in on the source's page, "
            f"{house.settings.public_url}/sources/{source.id}"
        )
    oauth_app = app_of(house.settings, provider.name)
    pending: Any = begin_device(provider, oauth_app)
    typer.echo(f"Open {pending.verification_url} and enter {pending.user_code}", err=True)
    while not isinstance(pending, Tokens):
        time.sleep(pending.interval_s)
        pending = poll_device(provider, oauth_app, pending)
    sign_in(house, source.id, pending)


def _tell(one: "AddedSource") -> None:
    state = "being read" if one.is_running else one.state.value.replace("_", " ")
    since = f", complete at {one.pulled_at:%Y-%m-%d %H:%M} UTC" if one.pulled_at else ""
    typer.echo(f"{one.name} ({one.kind}): {state}{since}")
    if one.was_interrupted:
        typer.echo("  The last run died; the next one goes on where it stopped.")
    if one.detail:
        typer.echo(f"  {one.detail}")
    if one.state == "sign_in":
        typer.echo(f"  Next: scripta sources sign-in {shlex.quote(one.name)}")


def _table(folders: "list[FolderState]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("folder", overflow="fold")
    numbers = ("on server", "archived", "known", "refused", "failed", "missing", "gone")
    for column in numbers:
        table.add_column(column, justify="right")
    for one in folders:
        name = f"{one.name} (ended)" if one.ended_at else one.name
        values = (one.on_server, one.archived, one.known, one.refused, one.failed, one.missing, one.gone)
        table.add_row(name, *map(str, values))
    Console(markup=False, highlight=False).print(table)


def _plain(one: "AddedSource") -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "state": one.state.value,
        "detail": one.detail,
        "running": one.is_running,
        "interrupted": one.was_interrupted,
        "complete_at": one.pulled_at,
        "failing_since": one.failing_since,
        "next_at": one.next_at,
        "sign_in_ends_at": one.secret_expires_at,
    }


def _chat(one: "LiveChat") -> dict[str, Any]:
    return {"key": one.key, "title": one.title, "trouble": one.trouble, "checked_at": one.checked_at}


def _folder(one: "FolderState") -> dict[str, Any]:
    return {
        "name": one.name,
        "on_server": one.on_server,
        "archived": one.archived,
        "known": one.known,
        "refused": one.refused,
        "failed": one.failed,
        "missing": one.missing,
        "gone": one.gone,
        "checked_at": one.checked_at,
        "reconciled_at": one.reconciled_at,
        "ended_at": one.ended_at,
        "trouble": one.trouble,
    }
