"""`scripta sources add-telegram` and the like: chats that are followed with a token."""

from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.ask_secret import ask_secret
from service.cli.options import Data, Json, answer, house_at

TokenFile = Annotated[
    Path | None,
    typer.Option(help="A file that holds the token, or - for standard input; asked for where not given."),
]
Included = Annotated[list[str] | None, typer.Option(help="Only these channels; * and ? may be used.")]
Excluded = Annotated[list[str] | None, typer.Option(help="Not these channels.")]


def add_telegram(
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it.")] = "Telegram bot",
    server: Annotated[str, typer.Option(help="A Bot API server of your own.")] = "",
    token_file: TokenFile = None,
) -> None:
    """Follow chats of Telegram with a bot.

    Write /newbot to @BotFather for its token. So that it reads whole groups: /setprivacy there, Disable; then
    add the bot to each group, as an administrator if reactions are to be kept. For chats of your business
    account, connect the bot in Telegram: Settings, Telegram Business, Chatbots.
    """
    settings = {"server": server} if server else {}
    _follow(data, name, "telegram_bot", settings, token_file, as_json=as_json)


def add_slack(
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it.")] = "Slack",
    include: Included = None,
    exclude: Excluded = None,
    token_file: TokenFile = None,
) -> None:
    """Follow channels of Slack.

    Make an app at api.slack.com/apps. Under OAuth & Permissions, give its user channels:read,
    channels:history, groups:read, groups:history, im:read, im:history, mpim:read, mpim:history, users:read
    and files:read; install it, and copy the token that begins with xoxp-.
    """
    settings: dict[str, Any] = {"include": include or [], "exclude": exclude or []}
    _follow(data, name, "slack", settings, token_file, as_json=as_json)


def add_mattermost(
    server: Annotated[str, typer.Argument(help="Its address, like https://chat.example.com.")],
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it; the address unless given.")] = "",
    include: Included = None,
    exclude: Excluded = None,
    token_file: TokenFile = None,
) -> None:
    """Follow channels of Mattermost.

    An administrator allows personal access tokens (System Console, Integrations); then create one under
    Profile, Security, Personal Access Tokens.
    """
    settings: dict[str, Any] = {"server": server, "include": include or [], "exclude": exclude or []}
    _follow(data, name or server, "mattermost", settings, token_file, as_json=as_json)


def add_matrix(
    server: Annotated[str, typer.Argument(help="The homeserver, like https://matrix.example.com.")],
    data: Data = None,
    as_json: Json = False,
    name: Annotated[str, typer.Option(help="What people call it; the address unless given.")] = "",
    token_file: TokenFile = None,
) -> None:
    """Follow rooms of Matrix.

    Make an account for Scripta, invite it to the rooms, and copy its token in Element: All settings, Help &
    About, Access Token. Encrypted rooms cannot be read.
    """
    settings = {"server": server}
    _follow(data, name or server, "matrix", settings, token_file, as_json=as_json)


def _follow(
    data: Path | None,
    name: str,
    kind: str,
    settings: dict[str, Any],
    token_file: Path | None,
    *,
    as_json: bool,
) -> None:
    from service.pipeline.sources import add, password_secret

    # Nobody is asked for a token for a service that cannot be opened.
    house = house_at(data)
    secret = password_secret(ask_secret(token_file, "token").strip())
    source_id = add(house, name, kind, settings, secret)
    answer(f"{name} was added.", {"id": source_id, "name": name}, as_json=as_json)
