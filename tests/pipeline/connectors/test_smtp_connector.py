"""Mail that is sent here is archived as it came; what was accepted is never lost."""

import errno
import os
import smtplib
import socket
import ssl
import threading

import pytest
from ledger_check import assert_ledger_intact
from smtp_mails import mail, report
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import imports
from service.archive.store import sightings
from service.archive.tables import AddressRow, MessageRow, RecipientRow, SightingRow, UnreadableRow
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError
from service.intake import smtp_server, smtp_settings
from service.intake import spool as spooling
from service.intake.folders import folder_states
from service.intake.source import State
from service.intake.spool import Spool
from service.intake.store import add_source, find_source
from service.ledger.store import log_size
from service.pipeline import archive_batch as archiving
from service.pipeline import archive_spool
from service.pipeline.connectors.smtp import CONNECTOR, SmtpConnection
from service.pipeline.ingest import Wish, ingest
from service.pipeline.pull import pull
from service.search.find import find

SETTINGS = {"recipients": ["Archive@agency.example", "@kreska.example"], "max_size": 200_000}
SENDER, ARCHIVE = "ewa@klos.example", "archive@agency.example"


class Intake:
    """A running intake on a free port, followed by hand."""

    def __init__(self, house, settings) -> None:
        self.house = house
        self.stop = threading.Event()
        self.connection = SmtpConnection(house, 0)
        with writing(house.engine) as session:
            self.source_id = add_source(session, "intake", "smtp", settings | {"port": free_port()})
        self.connection.source_id = self.source_id

    def pull(self):
        return pull(self.house, self.source_id, self.connection, stop=self.stop)

    @property
    def spool(self) -> Spool:
        return self.connection.spool

    def client(self) -> smtplib.SMTP:
        assert self.connection.server is not None
        return smtplib.SMTP("127.0.0.1", self.connection.server.port, timeout=20)

    def send(self, data: bytes, sender: str = SENDER, to: tuple[str, ...] = (ARCHIVE,), options=()) -> None:
        with self.client() as client:
            client.sendmail(sender, to, data, options)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def begin(house):
    begun = []

    def starting(**settings) -> Intake:
        begun.append(Intake(house, SETTINGS | settings))
        return begun[-1]

    yield starting
    for intake in begun:
        intake.connection.close()


@pytest.fixture
def intake(begin) -> Intake:
    running = begin()
    assert running.pull().state == State.COMPLETE
    return running


def originals(house) -> list[bytes]:
    with reading(house.engine) as session:
        names = session.exec(select(MessageRow.blob_sha256).order_by(MessageRow.id)).all()
        return [house.blobs.read(session, name) for name in names]


def recipients(house) -> set[tuple[str, str]]:
    with reading(house.engine) as session:
        query = select(RecipientRow.field, AddressRow.value)
        return set(session.exec(query.join(AddressRow, AddressRow.id == RecipientRow.address_id)).all())


def test_a_mail_is_archived_as_it_came(house, intake):
    intake.send(mail())
    intake.connection.wait(intake.stop, 60)
    found = intake.pull()
    assert (found.read, found.new, found.state) == (1, 1, State.COMPLETE)
    assert originals(house) == [mail()]
    assert intake.spool.waiting() == []
    with reading(house.engine) as session:
        (message,) = session.exec(select(MessageRow)).all()
        assert message.internal_at is not None
        assert len(find(session, "slowo1", scope=EVERYTHING).hits) == 1
        (sighting,) = sightings(session, message.id)
        (folder,) = folder_states(session, intake.source_id)
        assert_ledger_intact(session, log_size(session), house.key.verifier)
    assert sighting.place == folder.name == f"smtp://127.0.0.1:{intake.connection.server.port}"
    assert (folder.on_server, folder.archived, folder.is_complete) == (1, 1, True)


def test_a_second_copy_is_known(intake):
    for _ in range(2):
        intake.send(mail())
        intake.pull()
    intake.send(mail())
    intake.send(mail())
    found = intake.pull()
    assert (found.read, found.new, found.known) == (2, 0, 2)


def test_envelope_recipients_that_no_header_names_are_bcc_and_the_intake_is_nobody(house, intake):
    intake.send(mail(), to=("ARCHIVE@agency.example", "kasia@kreska.example", "Szef@kreska.example"))
    intake.pull()
    assert recipients(house) == {("to", "kasia@kreska.example"), ("bcc", "szef@kreska.example")}


def test_of_a_journal_report_the_mail_inside_is_archived_with_everybody_who_got_it(house, intake):
    intake.send(report(mail()), sender="", to=(ARCHIVE,))
    found = intake.pull()
    assert found.new == 1
    assert originals(house) == [mail()]
    assert recipients(house) == {
        ("to", "kasia@kreska.example"),
        ("cc", "lena@kreska.example"),
        ("bcc", "szef@agency.example"),
        ("bcc", "audyt@agency.example"),
    }


def test_the_journal_report_itself_is_kept_as_evidence(house, intake):
    intake.send(report(mail()))
    intake.pull()
    with reading(house.engine) as session:
        (sighting,) = session.exec(select(SightingRow)).all()
        assert house.blobs.read(session, sighting.blob_sha256) == report(mail())


def test_a_report_tells_of_bcc_also_where_the_mail_was_here_before(house, intake, tmp_path):
    (tmp_path / "1.eml").write_bytes(mail())
    ingest(house, [tmp_path / "1.eml"], Wish())
    intake.send(report(mail()))
    intake.send(report(mail()))
    found = intake.pull()
    assert (found.new, found.known) == (0, 2)
    assert ("bcc", "szef@agency.example") in recipients(house)


def test_a_report_that_carries_no_mail_is_archived_itself(house, intake):
    broken = report(mail()).replace(b"message/rfc822", b"text/html")
    intake.send(broken)
    intake.pull()
    assert originals(house) == [broken]


def test_8bit_utf8_addresses_long_lines_and_the_null_sender_are_taken(house, intake):
    plain = mail(2).replace(b"slowo2", b"s" * 150_000)
    intake.send(plain, options=("BODY=8BITMIME",))
    with intake.client() as client:
        client.ehlo()
        assert client.mail("żółw@klos.example", ["SMTPUTF8", "BODY=8BITMIME"])[0] == 250
        assert client.rcpt("ośmiornica@kreska.example")[0] == 250
        assert client.data(mail(4))[0] == 250
        assert client.mail("", [])[0] == 250
        assert client.rcpt(ARCHIVE)[0] == 250
        assert client.data(mail(3))[0] == 250
    intake.pull()
    assert originals(house) == [plain, mail(3), mail(4)]
    assert ("bcc", "ośmiornica@kreska.example") in recipients(house)


@pytest.mark.parametrize("declared", [True, False])
def test_a_mail_that_is_too_large_is_refused_for_good(intake, declared):
    large = mail() + b"x" * 250_000
    with intake.client() as client:
        client.ehlo()
        assert client.has_extn("size")
        answer = client.mail(SENDER, [f"SIZE={len(large)}"] if declared else [])
        if not declared:
            client.rcpt(ARCHIVE)
            answer = client.data(large)
    assert answer[0] == 552
    assert intake.spool.waiting() == []


def test_mail_to_others_is_refused(intake):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        intake.send(mail(), to=("somebody@else.example",))
    assert refused.value.recipients["somebody@else.example"][0] == 550


def test_recipients_are_limited(intake, monkeypatch):
    monkeypatch.setattr(smtp_server, "MOST_RECIPIENTS", 3)
    with intake.client() as client:
        refused = client.sendmail(SENDER, [f"{one}@kreska.example" for one in range(5)], mail())
    assert [answer[0] for answer in refused.values()] == [452, 452]


def test_connections_are_limited(intake, monkeypatch):
    monkeypatch.setattr(smtp_server, "MOST_CONNECTIONS", 1)
    with intake.client(), pytest.raises(smtplib.SMTPConnectError) as refused:
        intake.client()
    assert refused.value.smtp_code == 421
    intake.send(mail())


def test_strangers_are_asked_to_come_back_so_that_a_wrong_setting_costs_no_mail(begin):
    intake = begin(allow_from=["192.0.2.0/24"])
    intake.pull()
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        intake.client()
    assert refused.value.smtp_code == 421


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(errno.ENOSPC, "No space left"), 452), (OSError(errno.EIO, "Broken"), 451)]
)
def test_a_disk_that_fails_is_answered_with_try_again(intake, monkeypatch, error, code):
    def failing(_self, _envelope, _data):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(Spool, "keep", failing)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            intake.send(mail())
    assert refused.value.smtp_code == code
    intake.send(mail())
    assert intake.pull().new == 1


def test_a_fault_of_ours_is_answered_with_try_again(intake, monkeypatch):
    def failing(_self, _envelope, _data):
        raise ZeroDivisionError

    monkeypatch.setattr(Spool, "keep", failing)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        intake.send(mail())
    assert refused.value.smtp_code == 451


def test_a_mail_is_on_the_disk_before_it_is_accepted(intake, monkeypatch):
    done = []
    sync = os.fsync
    monkeypatch.setattr(spooling.os, "fsync", lambda file: (sync(file), done.append(file)))
    intake.send(mail())
    assert len(done) == 2, "the file, and the folder that names it"


def test_a_database_that_fails_costs_no_mail_that_was_accepted(house, intake, monkeypatch):
    def failing(_session, _documents):
        raise ArchiveError("The disk is full.")

    intake.send(mail(1))
    with monkeypatch.context() as broken:
        broken.setattr(archiving, "write", failing)
        found = intake.pull()
    assert (found.state, found.detail, found.new) == (State.FAILING, "The disk is full.", 0)
    intake.send(mail(2))
    assert len(intake.spool.waiting()) == 2
    assert intake.pull().new == 2
    assert originals(house) == [mail(1), mail(2)]


def test_a_crash_between_archiving_and_removing_archives_once(house, intake, monkeypatch):
    intake.send(mail(1))
    intake.send(report(mail(2)))
    with monkeypatch.context() as killed:
        killed.setattr(Spool, "remove", lambda _self, _numbers: None)
        assert intake.pull().new == 2
    again = intake.pull()
    assert (again.new, again.known) == (0, 2)
    assert intake.spool.waiting() == []
    with reading(house.engine) as session:
        (folder,) = folder_states(session, intake.source_id)
        assert folder.on_server == folder.accounted == 2
        assert len(session.exec(select(MessageRow.id)).all()) == 2
        assert_ledger_intact(session, log_size(session), house.key.verifier)


def test_batches_are_bounded_and_keep_the_order(house, intake, monkeypatch):
    monkeypatch.setattr(archive_spool, "BATCH_RECORDS", 2)
    with intake.client() as client:
        for key in range(5):
            client.sendmail(SENDER, [ARCHIVE], mail(key))
    assert intake.pull().new == 5
    assert originals(house) == [mail(key) for key in range(5)]


def test_what_is_no_mail_is_quarantined_and_blocks_nothing(house, intake):
    intake.send(b"just words\r\n")
    intake.send(mail())
    damaged = intake.spool.folder / "000000000000007.mail"
    damaged.write_bytes(b"\0\0\0")
    found = intake.pull()
    assert (found.new, found.refused) == (1, 2)
    assert intake.spool.waiting() == []
    with reading(house.engine) as session:
        assert len(session.exec(select(UnreadableRow)).all()) == 2
        (run,) = imports.imports(session, source_id=intake.source_id)
        assert run.state == "incomplete"


def test_a_spooled_mail_that_cannot_be_read_is_told_and_stays(intake, monkeypatch):
    intake.send(mail())
    with monkeypatch.context() as broken:
        broken.setattr(Spool, "read", failing_disk)
        found = intake.pull()
    assert found.state == State.INCOMPLETE
    assert "check the disk" in found.detail
    assert intake.pull().new == 1


def failing_disk(_self, _number):
    raise OSError(errno.EIO, "Input/output error")


def test_a_run_alone_archives_the_spool_and_opens_no_port(house, intake):
    intake.send(mail())
    intake.connection.close()
    connection = SmtpConnection(house, intake.source_id)
    found = pull(house, intake.source_id, connection)
    assert (found.new, connection.server) == (1, None)


def test_a_port_that_is_taken_is_a_state_and_the_spool_is_archived_all_the_same(house, intake, monkeypatch):
    monkeypatch.setattr("service.pipeline.pull.ATTEMPTS", 1)
    intake.send(mail())
    second = SmtpConnection(house, intake.source_id)
    found = pull(house, intake.source_id, second, stop=threading.Event())
    assert (found.state, found.new) == (State.FAILING, 1)
    assert "Choose another port" in found.detail
    with reading(house.engine) as session:
        assert find_source(session, intake.source_id).state == State.FAILING


def test_a_wait_ends_when_it_should_and_listens(begin):
    intake = begin()
    pull(intake.house, intake.source_id, intake.connection)
    assert intake.connection.server is None
    intake.connection.wait(intake.stop, 0)
    intake.send(mail())
    intake.connection.wait(intake.stop, 60)
    intake.stop.set()
    intake.connection.arrived.clear()
    intake.connection.wait(intake.stop, 60)


def test_clients_that_are_connected_do_not_keep_the_intake_from_closing(intake):
    client = intake.client()
    client.ehlo()
    intake.connection.close()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    client.close()


def test_a_client_that_breaks_off_leaves_nothing(intake):
    client = intake.client()
    client.ehlo()
    client.mail(SENDER)
    client.rcpt(ARCHIVE)
    client.docmd("DATA")
    client.send(b"Subject: half a mail\r\n")
    client.close()
    intake.send(mail())
    assert intake.pull().new == 1


def test_starttls_with_an_own_certificate(begin, certificate):
    cert, key = certificate
    intake = begin(cert=str(cert), key=str(key))
    intake.pull()
    with intake.client() as client:
        client.starttls(context=ssl.create_default_context(cafile=str(cert)))
        client.ehlo()
        assert not client.has_extn("auth")
        client.sendmail(SENDER, [ARCHIVE], mail())
        intake.connection.close()
    assert intake.pull().new == 1


@pytest.fixture
def certificate(tmp_path):
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    from service import clock

    own, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    ip = x509.SubjectAlternativeName([x509.IPAddress(smtp_settings.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, own.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(ip, critical=False)
        .sign(own, hashes.SHA256())
    )
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return cert, key


def test_a_certificate_that_cannot_be_used_is_told(begin, tmp_path):
    intake = begin(cert=str(tmp_path / "none.pem"), key=str(tmp_path / "none.key"))
    found = intake.pull()
    assert found.state == State.FAILING
    assert "none.pem" in found.detail


def test_a_spool_folder_that_cannot_be_made_is_told(begin):
    intake = begin()
    intake.spool.folder.parent.parent.write_text("a file")
    found = intake.pull()
    assert found.state == State.FAILING
    assert "Let this account read and write it" in found.detail


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "mail.agency.example"},
        {"host": "192.0.2.1"},
        {"port": 70_000},
        {"port": "smtp"},
        {"port": -1},
        {"max_size": 10**12},
        {"recipients": "archive@agency.example"},
        {"recipients": ["archive"]},
        {"recipients": ["a b@agency.example"]},
        {"allow_from": ["everybody"]},
        {"allow_from": [5]},
        {"cert": "cert.pem"},
        {"key": "key.pem"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(settings):
    with pytest.raises(ConfigError):
        CONNECTOR.check(settings, "")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"host": "::1"},
        {"host": "localhost", "port": "2526"},
        {"host": "0.0.0.0", "allow_from": ["192.0.2.7", "2001:db8::/32"]},
        {"recipients": ["Archive@Agency.example", "@kreska.example"]},
    ],
    ids=str,
)
def test_settings_that_can_work_are_taken(settings):
    CONNECTOR.check(settings, "")
