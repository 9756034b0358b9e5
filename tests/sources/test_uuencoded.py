import binascii

from hypothesis import given
from hypothesis import strategies as st

from service.sources.mime import read_mail
from service.sources.uuencoded import cut_files


def encoded(name, content):
    lines = [binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45)]
    return b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n"


@given(st.binary(min_size=1, max_size=300))
def test_a_file_comes_out_as_it_went_in(content):
    assert cut_files(b"before\n" + encoded(b"a.bin", content) + b"after") == (
        b"before\nafter",
        [(b"a.bin", content)],
    )


def test_blanks_that_were_lost_on_the_way_are_zeros():
    bare = b"\n".join(line.rstrip() for line in encoded(b"a", bytes(60)).split(b"\n"))
    assert cut_files(bare)[1] == [(b"a", bytes(60))]


def test_words_that_look_like_the_start_of_a_file_stay():
    for text in (
        b"begin 644 the work\nend",
        b"We begin 644\nend\n",
        b"begin 644 a\n#86)C too long\n`\nend\n",
    ):
        assert cut_files(text) == (text, [])


@given(
    st.lists(
        st.sampled_from([b"begin 644 a\n", b"#86)C\n", b"`\n", b"end\n", b"end", b"M\n", b"\r\n", b"x "])
    )
)
def test_no_text_is_refused_with_an_exception(pieces):
    cut_files(b"".join(pieces))


def test_files_in_a_text_are_attachments_that_load():
    head = b"From: a@b.example\nSubject: s\n\nSee:\n"
    record = read_mail(head + encoded(b"../a.txt", b"abc"), format_name="eml", position=0, where="here")
    assert record.text == "See:"
    (file,) = record.attachments
    assert (file.name, file.load(), file.in_original) == ("_a.txt", b"abc", True)
