import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.mattermost_csv import SOURCE
from service.sources.open import open_exports
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "mattermost_csv"
TABLE = SAMPLES / "compliance-export" / "posts.csv"
HEADER = TABLE.read_text(encoding="utf-8").partition("\n")[0].split(",")


def read(path: Path) -> list:
    return list(SOURCE.read(Export(path, path.parent, path.name)))


def test_files_go_with_their_post():
    post = next(record for record in read(TABLE) if record.external_id == "p1")
    assert [file.missing for file in post.attachments] == [None, "the file was deleted"]
    assert post.kind == Kind.IMAGE
    assert post.original in TABLE.read_bytes()
    assert post.original.count(b",p1,") == 3


def test_a_file_whose_post_is_not_there_is_a_record_of_its_own():
    (lonely,) = (record for record in read(TABLE) if record.external_id == "p9/f9")
    assert [file.name for file in lonely.attachments] == ["lonely.pdf"]


def test_an_earlier_text_bears_the_id_of_its_post():
    texts = {record.text: record.edited for record in read(TABLE) if record.external_id == "p2"}
    assert texts == {"Согласовано до пятницы": True, "Согласовано": False}


def test_a_deleted_post_keeps_what_it_said():
    (gone,) = (record for record in read(TABLE) if record.kind == Kind.DELETED)
    assert (gone.text, [one.text for one in gone.revisions]) == ("", ["взял назад"])


def test_the_table_and_what_lies_beside_it_are_one_export():
    assert len(list(open_exports(SAMPLES / "compliance-export"))) == 1
    assert recognise(TABLE)[0] is SOURCE


@pytest.mark.parametrize("head", [b"", b"time,author,text\n", b"Post Id,Username\n", b"\x00\xff"])
def test_other_tables_are_left_alone(head):
    assert SOURCE.score(Sample(Path("posts.csv"), head)) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mattermost-csv")


CELLS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=6)
TYPES = st.sampled_from(["message", "enter", "leave", "?"])


@given(rows=st.lists(st.tuples(st.lists(CELLS, min_size=20, max_size=20), TYPES), max_size=5))
def test_every_row_is_a_record(folder, rows):
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([*cells[:17], type_, *cells[18:]] for cells, type_ in rows)
    path = folder / "posts.csv"
    path.write_text(table.getvalue(), encoding="utf-8", newline="")
    assert len(read(path)) == len(rows)


@given(at=st.integers(min_value=0), junk=st.binary(max_size=6))
def test_a_damaged_table_gives_records_and_unreadables_only(folder, at, junk):
    whole = TABLE.read_bytes()
    at %= len(whole)
    path = folder / "damaged.csv"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in read(path))
