"""A mail of 50 MB is kept, found and given back, in a bounded memory."""

import base64
import json
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive.tables import MessageRow
from service.config import load
from service.db.session import reading
from service.pipeline.installation import open_installation
from service.search.find import find

ROOT = Path(__file__).parents[2]
SIZE = 50 << 20
MOST_MEMORY = 700 << 20
COMMAND = f"""
import resource
resource.setrlimit(resource.RLIMIT_DATA, ({MOST_MEMORY}, {MOST_MEMORY}))
from service.cli.app import main
main()
"""
"""The command, with no room for a list of all words of such a mail.

Data counts, not address space: what the C library and threads reserve depends on the number of cores.
"""
HEADER = (
    "From: ewa@klos.example\nDate: Mon, 02 Mar 2026 10:00:00 +0100\nMessage-ID: <big@klos.example>\n"
    "Subject: Katalog\nMIME-Version: 1.0\nContent-Type: {}\n\n"
)


def with_attachment() -> bytes:
    noise = random.Random(1).randbytes(SIZE * 3 // 4)
    return (
        HEADER.format("multipart/mixed; boundary=b").encode()
        + b"--b\nContent-Type: text/plain\n\nslowo\n--b\nContent-Type: application/pdf; name=k.pdf\n"
        + b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=k.pdf\n\n"
        + base64.encodebytes(noise)
        + b"--b--\n"
    )


def of_one_line() -> bytes:
    return HEADER.format("text/plain").encode() + b"slowo " + b"x" * SIZE


def of_many_words() -> bytes:
    return (
        HEADER.format("text/plain; charset=utf-8").encode()
        + b"slowo "
        + "Zażółć gęślą jaźń. ".encode() * (SIZE // 25)
    )


@pytest.mark.slow
@pytest.mark.parametrize("make", [with_attachment, of_one_line, of_many_words])
def test_a_mail_of_50_megabytes_is_kept_in_bounded_memory(tmp_path, make):
    mail = make()
    assert len(mail) > SIZE
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "big.eml").write_bytes(mail)
    (folder / "small.eml").write_text("From: ewa@klos.example\nMessage-ID: <s@klos.example>\n\nmalyslowo\n")
    command = [sys.executable, "-c", COMMAND, "ingest", str(folder), "--no-extract", "--json"]
    done = subprocess.run(
        [*command, "--data", str(tmp_path / "data")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == 2
    house = open_installation(load(tmp_path / "data", environment={}))
    with reading(house.engine) as session:
        assert len(find(session, "slowo", scope=EVERYTHING).hits) == 1
        assert len(find(session, "malyslowo", scope=EVERYTHING).hits) == 1
        kept = session.exec(select(MessageRow.blob_sha256)).all()
        name = sha256(mail).hexdigest()
        assert name in kept
        assert house.blobs.read(session, name) == mail
    house.engine.dispose()
