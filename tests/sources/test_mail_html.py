from hypothesis import given
from hypothesis import strategies as st

from service.sources.mail_html import LARGEST, read_as_sent

HEAD = b"From: anna@client.example.pl\nSubject: s\n"
RICH = (
    b"Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: multipart/alternative; boundary=a\n\n"
    b"--a\nContent-Type: text/plain\n\nplain\n--a\nContent-Type: text/html\n\n<p>rich</p>\n--a--\n"
    b"--r\nContent-Type: image/png; name=a.png\nContent-ID: <logo%40x>\n\nPNG\n--r--\n"
)


def test_html_is_read_also_where_the_plain_text_was_taken():
    mail = read_as_sent(HEAD + RICH)
    assert mail.html == "<p>rich</p>"
    assert mail.pictures["logo@x"].content == b"PNG"


def test_plain_parts_are_preformatted_and_never_markup():
    footer = (
        b"Content-Type: multipart/mixed; boundary=m\n\n--m\n" + RICH + b"\n--m\n\n<b>footer</b> & co\n--m--\n"
    )
    assert read_as_sent(HEAD + footer).html == "<p>rich</p>\n<pre>&lt;b&gt;footer&lt;/b&gt; &amp; co</pre>"


def test_the_charset_is_the_mail_s_or_the_page_s():
    word = "Смета".encode("windows-1251")
    told = b'Content-Type: text/html\n\n<meta charset="windows-1251"><p>' + word
    assert "Смета" in read_as_sent(HEAD + told).html
    assert "Смета" in read_as_sent(HEAD + b"Content-Type: text/html; charset=windows-1251\n\n" + word).html


def test_files_are_not_shown_and_very_long_mails_are_cut():
    file = b"Content-Type: text/html; name=a.html\nContent-Disposition: attachment\n\n<p>file</p>"
    assert read_as_sent(HEAD + file).html == ""
    long = read_as_sent(HEAD + b"Content-Type: text/html\n\n" + b"a" * (LARGEST + 1))
    assert (len(long.html), long.is_cut) == (LARGEST, True)


@given(st.binary(max_size=200))
def test_no_bytes_are_refused_with_an_exception(data):
    read_as_sent(HEAD + data)
    read_as_sent(HEAD + RICH[: len(data) * 2] + data)
