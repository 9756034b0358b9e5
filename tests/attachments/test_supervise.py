"""A child that hangs, swells or dies costs one attachment: hostile files are read nowhere else, here too."""

import sys
from pathlib import Path

import attached_files as documents
import pytest
from attached_files import RUSSIAN

from service.attachments.attachment_text import TextState
from service.attachments.reader import Given
from service.attachments.supervise import Limits, supervised
from service.errors import ScriptaError

HOSTILE = (sys.executable, str(Path(__file__).with_name("hostile_child.py")))
QUICK = Limits(seconds=2.0, memory=512 * 1024**2, jobs=3)


def job(content: bytes, media_type: str = "application/x-hostile", name: str = "") -> Given:
    return Given(content, name, media_type)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hang", "takes longer than 2 s"),
        (b"spin", "takes longer than 2 s"),
        (b"swell", "takes more than 512 MiB"),
        (b"die", "broke its reader: Abort"),
        (b"bug", "broke its reader: KeyboardInterrupt: never caught"),
        (b"write", "is damaged: FileNotFoundError [Errno 2] No usable temporary directory"),
    ],
)
def test_what_breaks_its_reader_fails_with_a_reason_and_the_next_is_read(content, why):
    with supervised(QUICK, HOSTILE) as supervisor:
        failed = supervisor.read(job(content))
        assert (failed.state, failed.text) == (TextState.FAILED, "")
        assert failed.why.startswith(why)
        assert supervisor.read(job(b"good")).text == "до после"


def test_a_flood_of_words_is_cut():
    with supervised(QUICK, HOSTILE) as supervisor:
        flooded = supervisor.read(job(b"flood"))
    assert flooded.state == TextState.READ
    assert len(flooded.text) == 2_000_000
    assert "cannot be searched" in flooded.why


def test_a_reading_that_goes_on_for_ever_in_small_steps_ends():
    with supervised(Limits(seconds=0.3), HOSTILE) as supervisor:
        endless = supervisor.read(job(b"endless"))
    assert (endless.state, endless.text) == (TextState.READ, "до ")
    assert "only its beginning" in endless.why


def test_what_a_library_prints_does_not_break_the_answer():
    with supervised(QUICK, HOSTILE) as supervisor:
        assert supervisor.read(job(b"chatter")).text == "до после"


def test_a_child_is_replaced_after_some_attachments():
    with supervised(QUICK, HOSTILE) as supervisor:
        numbers = [supervisor.read(job(b"pid")).text for _ in range(4)]
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]


def test_a_child_that_cannot_start_is_said_so_and_blames_no_attachment():
    with (
        supervised(QUICK, (sys.executable, "-c", "raise SystemExit('no library')")) as supervisor,
        pytest.raises(ScriptaError, match="does not start: no library"),
    ):
        supervisor.read(job(b"good"))


@pytest.mark.parametrize(
    ("make", "name", "states"),
    [
        (documents.bomb, "a.docx", {TextState.REFUSED}),
        (documents.endless_pdf, "a.pdf", {TextState.EMPTY, TextState.REFUSED, TextState.FAILED}),
        (documents.sparse_table, "a.xlsx", {TextState.READ, TextState.FAILED}),
    ],
)
def test_hostile_files_end_within_the_limits_of_the_real_child(make, name, states):
    with supervised(Limits(seconds=5.0, memory=768 * 1024**2)) as supervisor:
        ended = supervisor.read(job(make(), "", name))
        assert ended.state in states
        assert ended.why or ended.state == TextState.EMPTY
        assert RUSSIAN in supervisor.read(job(documents.word(), "", "b.docx")).text
