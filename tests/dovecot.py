"""A real Dovecot (Debian's dovecot-imapd) on loopback, with a configuration, ports and users of its own.

Its fixtures are known to every test: `dovecot` is one server for the whole test process, `own_dovecot` one
for a single test, which may stop and start it.
"""

import base64
import contextlib
import getpass
import grp
import hashlib
import hmac
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from imapclient.imap_utf7 import encode as encode_utf7

from service.sources.imap.mailbox import Credentials, Security, Server

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
_WAIT_S = 30
_KEY = b"a key for the tokens of these tests alone"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = mdbox:~/mail
mail_privileged_group =
mail_fsync = never
mailbox_list_index = yes
mail_max_userip_connections = 5
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
# No time to say goodbye: a test stops it as a power cut would.
shutdown_clients = yes
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
# A file for each user, read anew each time; a passwd-file is looked at once in a second.
passdb {{
  driver = dict
  args = {folder}/users.conf
}}
userdb {{
  driver = dict
  args = {folder}/users.conf
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Spam {{
    special_use = \\Junk
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
  mailbox Sent {{
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # Without it each refused password makes the next answer slower.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{more}
"""
_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""
_USERS = """
uri = fs:posix:prefix={folder}/users/
key passdb {{
  key = %u
  format = json
}}
key userdb {{
  key = %u
  format = json
}}
passdb_objects = passdb
userdb_objects = userdb
"""


class Dovecot:
    """One server; every method that changes a mailbox does it beside IMAP or through a session of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.port = self.tls_port = 0
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: dict[str, str] = {}
        self._homes = 0
        self._account = _account()
        self._write_fixed_files()

    # Running

    def start(self) -> None:
        """Start it, on the ports of the last time where there was one."""
        for _ in range(5):
            if not self._passwords:
                self.port, self.tls_port = _free_ports(2)
            self._write_config()
            self._process = subprocess.Popen(
                [_program("dovecot"), "-F", "-c", self._config],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": _PATH},
                start_new_session=True,
            )
            if self._answers():
                return
            self.stop()
        raise RuntimeError(f"Dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop it; every connection is cut."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # A process that still sends to a slow client outlives its master.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process = None

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kick(self, user: str) -> None:
        """Cut all connections of a user; they end a moment later, when the signal has come."""
        self._doveadm("kick", user, fine=(0, 68))

    # Users

    def user(self, name: str) -> str:
        """Give `name` a new, empty mailbox; return the password."""
        self._passwords[name] = secrets.token_hex(8)
        self._homes += 1
        self.kick(name)
        self._write_user(name, self.folder / "homes" / str(self._homes))
        return self._passwords[name]

    def has(self, user: str) -> bool:
        return user in self._passwords

    def change_password(self, user: str, password: str) -> None:
        """As a person does who then forgets to tell the archive."""
        self._passwords[user] = password
        self._write_user(user, self._users[user])

    def credentials(self, user: str) -> Credentials:
        return Credentials(user, self._passwords[user])

    def token(self, user: str, *, good_for: timedelta = timedelta(hours=1)) -> str:
        """Return an access token (a JSON web token that the server checks by itself)."""
        now = datetime.now(UTC)
        head = _base64url(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
        until = now + good_for
        claims = {"sub": user, "email": user, "iat": int(now.timestamp()), "exp": int(until.timestamp())}
        signed = f"{head}.{_base64url(json.dumps(claims).encode())}"
        return f"{signed}.{_base64url(hmac.digest(_KEY, signed.encode(), hashlib.sha256))}"

    def server(self, security: Security = Security.TLS) -> Server:
        port = self.tls_port if security is Security.TLS else self.port
        return Server("localhost", port, security, ca_file=str(self.folder / "cert.pem"))

    # Mailboxes

    def create(self, user: str, folder: str) -> None:
        self._doveadm("mailbox", "create", "-u", user, folder)

    def delete(self, user: str, folder: str) -> None:
        self._doveadm("mailbox", "delete", "-u", user, folder)

    def rename(self, user: str, folder: str, name: str) -> None:
        self._doveadm("mailbox", "rename", "-u", user, folder, name)

    def append(self, user: str, folder: str, mails: Iterable[bytes]) -> None:
        """Add mails in one transaction (MULTIAPPEND), which takes 150,000 tiny ones in a few seconds."""
        with _Session(self, user) as session:
            session.append(folder, mails)

    def expunge(self, user: str, folder: str, uids: Sequence[int]) -> None:
        self._doveadm("expunge", "-u", user, "mailbox", folder, "uid", _uid_set(uids))

    def move(self, user: str, folder: str, to: str, uids: Sequence[int]) -> None:
        self._doveadm("move", "-u", user, to, "mailbox", folder, "uid", _uid_set(uids))

    def add_flags(self, user: str, folder: str, flags: str, uids: Sequence[int]) -> None:
        self._doveadm("flags", "add", "-u", user, flags, "mailbox", folder, "uid", _uid_set(uids))

    def reset_uidvalidity(self, user: str, folder: str) -> int:
        """Number the messages anew, as a restored or moved server does; return the new UIDVALIDITY."""
        new = self.status(user, folder)["uidvalidity"] + 1000
        with _Session(self, user) as session:
            session.renumber(folder)
        self._doveadm("mailbox", "update", "-u", user, "--uid-validity", str(new), folder)
        return new

    def skip_uids(self, user: str, folder: str, uid_next: int) -> None:
        """Go on counting from there."""
        self._doveadm("mailbox", "update", "-u", user, "--min-next-uid", str(uid_next), folder)

    def keep_copy(self, user: str) -> Path:
        """Copy a user's mail as a backup does, while it is stopped."""
        home = self._users[user]
        return shutil.copytree(home, home.with_name(f"{home.name}.kept"))

    def put_back(self, user: str, copy: Path) -> None:
        """Put a copy in the place of a user's mail, while it is stopped."""
        home = self._users[user]
        shutil.rmtree(home)
        copy.rename(home)
        for path in (home, *home.rglob("*")):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def status(self, user: str, folder: str) -> dict[str, int]:
        fields = "messages recent uidnext uidvalidity unseen highestmodseq"
        told = self._doveadm("-f", "flow", "mailbox", "status", "-u", user, fields, folder)
        words = told.strip().rsplit(" ", fields.count(" ") + 1)[1:]
        return {name: int(value) for name, _, value in (word.partition("=") for word in words)}

    def flags(self, user: str, folder: str) -> dict[int, str]:
        """Return the flags of each message by UID."""
        told = self._doveadm("-f", "tab", "fetch", "-u", user, "uid flags", "mailbox", folder, "all")
        rows = (line.partition("\t") for line in told.splitlines()[1:])
        return {int(uid): flags for uid, _, flags in rows}

    # Inside

    @property
    def _config(self) -> str:
        return str(self.folder / "conf")

    def _doveadm(self, *arguments: str, fine: Sequence[int] = (0,)) -> str:
        told = subprocess.run(
            [_program("doveadm"), "-c", self._config, *arguments],
            capture_output=True,
            check=False,
            timeout=120,
            env={"PATH": _PATH},
        )
        if told.returncode not in fine:
            raise RuntimeError(f"doveadm {' '.join(arguments)}: {told.stderr.decode(errors='replace')}")
        return told.stdout.decode()

    def _answers(self) -> bool:
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=_WAIT_S) as connection:
                    if connection.recv(4) == b"* OK":
                        return True
            except ConnectionError:
                pass
            time.sleep(0.02)
        return False

    def _write_fixed_files(self) -> None:
        self.folder.chmod(0o755)
        certificate, key = _certificate()
        (self.folder / "cert.pem").write_bytes(certificate)
        (self.folder / "key.pem").write_bytes(key)
        (self.folder / "oauth2.conf").write_text(_OAUTH2.format(folder=self.folder))
        keys = self.folder / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(_KEY))
        homes = self.folder / "homes"
        homes.mkdir()
        os.chown(homes, self._account.pw_uid, self._account.pw_gid)
        self._users: dict[str, Path] = {}
        (self.folder / "users").mkdir()
        (self.folder / "users.conf").write_text(_USERS.format(folder=self.folder))

    def _write_config(self) -> None:
        root = os.geteuid() == 0
        me = getpass.getuser()
        text = _CONFIG.format(
            folder=self.folder,
            internal="dovecot" if root else me,
            login="dovenull" if root else me,
            group="dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
            port=self.port,
            tls_port=self.tls_port,
            more=self._more,
        )
        Path(self._config).write_text(text)

    def _write_user(self, name: str, home: Path) -> None:
        self._users[name] = home
        told = {
            "user": name,
            "password": f"{{PLAIN}}{self._passwords[name]}",
            "uid": self._account.pw_uid,
            "gid": self._account.pw_gid,
            "home": str(home),
        }
        new = self.folder / "user.new"
        new.write_text(json.dumps(told))
        new.replace(self.folder / "users" / name)


class _Session:
    """A connection that writes, which the product never does."""

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", dovecot.port), timeout=120)
        self._file = self._socket.makefile("rb")
        self._file.readline()
        token = base64.b64encode(f"\0{user}\0{dovecot.credentials(user).password}".encode()).decode()
        self._run(f"AUTHENTICATE PLAIN {token}".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._run(b"LOGOUT")
        self._file.close()
        self._socket.close()

    def append(self, folder: str, mails: Iterable[bytes]) -> None:
        parts = [b"t APPEND ", _quoted(folder)]
        for mail in mails:
            parts.append(b" {%d+}\r\n" % len(mail))
            parts.append(mail)
            if len(parts) > 5_000:
                self._socket.sendall(b"".join(parts))
                parts.clear()
        self._socket.sendall(b"".join(parts) + b"\r\n")
        self._read_answer()

    def renumber(self, folder: str) -> None:
        self._run(b"SELECT " + _quoted(folder))
        self._run(b'CREATE "being renumbered"')
        self._run(b'COPY 1:* "being renumbered"')
        self._run(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        self._run(b"EXPUNGE")
        self._run(b'SELECT "being renumbered"')
        self._run(b"COPY 1:* " + _quoted(folder))
        self._run(b"UNSELECT")
        self._run(b'DELETE "being renumbered"')

    def _run(self, command: bytes) -> None:
        self._socket.sendall(b"t " + command + b"\r\n")
        self._read_answer()

    def _read_answer(self) -> None:
        for line in self._file:
            if line.startswith(b"t "):
                if not line.startswith(b"t OK"):
                    raise RuntimeError(line.decode(errors="replace"))
                return
        raise RuntimeError("Dovecot closed the connection")


def _quoted(folder: str) -> bytes:
    return b'"' + encode_utf7(folder).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _uid_set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _program(name: str) -> str:
    path = shutil.which(name, path=_PATH)
    if path is None:
        pytest.fail(f"{name} is not installed: apt-get install dovecot-imapd", pytrace=False)
    return path


def _account() -> pwd.struct_passwd:
    """Return who owns the mail: root may not."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _free_ports(count: int) -> list[int]:
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    return ports


def _certificate() -> tuple[bytes, bytes]:
    """Make a certificate for `localhost`, and not for 127.0.0.1: there its name does not match."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def run_dovecot(more: str = "") -> Iterator[Dovecot]:
    """Run one in a folder with a short path, which sockets need; `more` are lines for its configuration."""
    folder = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    server = Dovecot(folder, more)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running server for every test of this process: take users of your own from it, do not stop it."""
    yield from run_dovecot()


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A running server for this test alone, which may stop and start it."""
    yield from run_dovecot()
