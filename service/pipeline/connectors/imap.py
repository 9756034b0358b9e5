"""A mailbox on an IMAP server. In: settings and a password or tokens. Never: changes the mailbox.

settings = {
    "host": "imap.example.com", "port": 993, "security": "tls",    # or starttls; none on this machine alone
    "user": "anna@example.com",
    "include": ["*"], "exclude": ["Newsletters*"],                 # names of folders, with * and ?
    "drafts": False, "junk": False, "ca_file": "",
    "provider": "",                                                # google or microsoft: signs in by OAuth 2
}
secret = '{"password": "..."}' or '{"tokens": {...}}'
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from service import clock
from service.db.session import reading
from service.errors import ConfigError, RunStopped, SignInRefused, SourceBusy, SourceError, Unreachable
from service.intake.folders import Standing, end_missing, folder_states, kept_name, note_unchanged, standings
from service.pipeline.fetch_ahead import Deaths
from service.pipeline.installation import Installation
from service.pipeline.run import Run
from service.pipeline.secret import keep_secret, open_secret
from service.pipeline.sync_folder import FolderSync, is_due
from service.sources.imap.address import folder_place
from service.sources.imap.mailbox import Choice, Credentials, Folder, FolderStatus, Security, Server
from service.sources.imap.session import Mailbox
from service.sources.oauth.choose import provider_named
from service.sources.oauth.tokens import Tokens, needs_refresh


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """The settings of a mailbox, checked."""

    server: Server
    user: str
    choice: Choice
    provider: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "MailboxSettings":
        """Read settings. Raises ConfigError that names what is wrong."""
        host, user = str(settings.get("host", "")).strip(), str(settings.get("user", "")).strip()
        if not host or not user:
            raise ConfigError("A mailbox needs a server (host) and the name that you sign in with (user).")
        try:
            security = Security(settings.get("security", Security.TLS))
            port = int(settings.get("port") or (993 if security == Security.TLS else 143))
        except (TypeError, ValueError) as error:
            raise ConfigError("security is tls, starttls or none; port is a number.") from error
        if not 0 < port < 65_536:
            raise ConfigError(f"{port} is no port: write a number from 1 to 65535.")
        choice = Choice(
            include=_names(settings, "include") or ("*",),
            exclude=_names(settings, "exclude"),
            drafts=bool(settings.get("drafts")),
            junk=bool(settings.get("junk")),
        )
        provider = str(settings.get("provider", ""))
        if provider:
            provider_named(provider)
        return cls(Server(host, port, security, str(settings.get("ca_file", ""))), user, choice, provider)


def _names(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = settings.get(key) or ()
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise ConfigError(f"{key} is a list of names of folders.")
    return tuple(name for name in value if name.strip())


@dataclass(slots=True)
class ImapConnection:
    """One mailbox; signs in when it is used, and again after its connection broke off."""

    house: Installation
    source_id: int
    mailbox: Mailbox | None = None
    settings: MailboxSettings | None = None
    deaths: Deaths = field(default_factory=Deaths)
    marks: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """UIDVALIDITY and UIDNEXT of each folder when it was last brought up to date."""
    arrivals: Folder | None = None
    """The folder in which new mail appears."""
    answered: tuple[int, int | None] | None = None
    """The mark that last ended a wait at once: a server whose EXAMINE and STATUS differ says it each time."""

    def pull(self, run: Run) -> None:
        """Bring every chosen folder up to date."""
        settings = MailboxSettings.of(run.source.settings)
        if settings != self.settings:
            self.close()
        self.settings = settings
        try:
            self._sync(run, self._opened(), settings)
        except SourceError:
            self.close()
            raise

    def wait(self, stop: Event, wait_s: float) -> None:
        """Wait in IDLE on the folder where mail arrives; return at once where some came meanwhile."""
        if self.arrivals is None:
            stop.wait(wait_s)
            return
        try:
            mailbox = self._opened()
            status = mailbox.examine(self.arrivals)
            mark = (status.uid_validity, status.uid_next)
            if mark in {self.marks.get(self.arrivals.name), self.answered}:
                mailbox.idle(wait_s, stop)
            self.answered = mark
        except SourceError:
            self.close()
            raise

    def close(self) -> None:
        """Sign out."""
        if self.mailbox is not None:
            self.mailbox.close()
            self.mailbox = None

    def _opened(self) -> Mailbox:
        assert self.settings is not None, "a run comes first"
        if self.mailbox is None:
            self.mailbox = Mailbox.open(self.settings.server, self._credentials(self.settings))
        return self.mailbox

    def _credentials(self, settings: MailboxSettings) -> Credentials:
        secret = open_secret(self.house, self.source_id)
        try:
            kept = json.loads(secret)
        except ValueError:
            kept = None
        if not isinstance(kept, dict) or not kept.keys() & {"password", "tokens"}:
            raise SignInRefused("The kept password cannot be read; enter it again.")
        if "tokens" in kept:
            return Credentials(settings.user, token=self._token(settings, json.dumps(kept["tokens"])))
        return Credentials(settings.user, password=str(kept["password"]))

    def _token(self, settings: MailboxSettings, kept: str) -> str:
        tokens = Tokens.from_json(kept)
        if needs_refresh(tokens, clock.now()):
            # Most mailboxes have a password, and need not load what talks to providers.
            from service.pipeline.oauth_app import app_of
            from service.sources.oauth.sign_in import refresh

            provider = provider_named(settings.provider)
            tokens = refresh(provider, app_of(self.house.settings, provider.name), tokens)
            secret = json.dumps({"tokens": json.loads(tokens.to_json())})
            keep_secret(self.house, self.source_id, secret, tokens.refresh_expires_at)
        return tokens.access

    def _sync(self, run: Run, mailbox: Mailbox, settings: MailboxSettings) -> None:
        folders = sorted(mailbox.folders(settings.choice), key=_by_arrivals)
        if not folders:
            run.fall_short("No folder of the mailbox matches what was chosen; change the choice.")
        self.arrivals = next(iter(folders), None)
        statuses = mailbox.statuses(folders)
        with reading(self.house.engine) as session:
            known = standings(session, self.source_id)
        unchanged: list[int] = []
        for folder in folders:
            status = statuses.get(folder.name)
            standing = known.get((kept_name(folder.name), status.uid_validity)) if status else None
            if status and standing and not run.reconcile and _is_unchanged(run, status, standing):
                unchanged.append(standing.progress.folder_id)
            else:
                status = self._sync_folder(run, mailbox, folder, settings)
            if status:
                self.marks[folder.name] = (status.uid_validity, status.uid_next)
        self._note(run, folders, unchanged)

    def _sync_folder(
        self, run: Run, mailbox: Mailbox, folder: Folder, settings: MailboxSettings
    ) -> FolderStatus | None:
        """Bring a folder up to date; one that cannot be opened is told and costs no other."""
        run.report.place = folder.name
        run.progress(run.report)

        def address(uid_validity: int) -> str:
            return folder_place(settings.server, settings.user, folder.name, uid_validity)

        try:
            return FolderSync(run, mailbox, folder, address, self.deaths, settings.choice.drafts).sync()
        except (Unreachable, SignInRefused, SourceBusy, RunStopped):
            raise
        except SourceError as error:
            run.fall_short(f"{folder.name}: {error}")
            return None

    def _note(self, run: Run, folders: Sequence[Folder], unchanged: Sequence[int]) -> None:
        with run.recording() as session:
            note_unchanged(session, unchanged, run.now)
            end_missing(session, self.source_id, [folder.name for folder in folders], run.now)
            states = [one for one in folder_states(session, self.source_id) if one.ended_at is None]
        run.report.failed = sum(one.failed for one in states)
        for one in states:
            if one.failed:
                run.fall_short(f"{one.name}: {one.failed} messages could not be fetched.")
            if one.missing:
                run.fall_short(
                    f"{one.name}: the server says that it has {one.on_server} messages and lists "
                    f"{one.accounted}; it is compared again at the next run."
                )


def _by_arrivals(folder: Folder) -> tuple[bool, bool]:
    """Sort first what holds everything (Gmail's All Mail, sent mail too), then INBOX."""
    return folder.special != "all", folder.name != "INBOX"


def _is_unchanged(run: Run, status: FolderStatus, standing: Standing) -> bool:
    """Say whether everything that the server says of a folder is as it was left, and nothing is owed."""
    progress = standing.progress
    # A server that gives neither UIDNEXT nor UIDVALIDITY is believed by its count until the next day.
    says_nothing = status.uid_next is None and status.uid_validity == 0
    return (
        (says_nothing or status.uid_next == progress.uid_next)
        and (status.messages, status.modseq) == (standing.present, progress.modseq)
        and not standing.to_try
        and not is_due(progress, run.now)
    )


class Imap:
    """An IMAP mailbox."""

    kind = "imap"
    label = "Mailbox (IMAP)"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse settings without server or user, and names of folders that are none."""
        MailboxSettings.of(settings)

    def connect(self, house: Installation, source_id: int) -> ImapConnection:
        """Return a connection that is not open yet."""
        return ImapConnection(house, source_id)


CONNECTOR = Imap()
