"""Real files, made by the libraries that people's programs are like."""

import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pptx
import xlsxwriter
from PIL import Image, ImageDraw, ImageFont

RUSSIAN = "Согласовали предоплату"
POLISH = "Zatwierdzam zaliczkę"
_PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
FONT_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/Library/Fonts")


def saved(document) -> bytes:
    """Return the bytes of what has a `save`."""
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def word(*paragraphs: str) -> bytes:
    """A document with words in every place that has some."""
    document = docx.Document()
    for paragraph in paragraphs or (RUSSIAN, POLISH):
        document.add_paragraph(paragraph)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Ячейка", "Komórka"
    document.sections[0].header.paragraphs[0].text = "Колонтитул"
    document.sections[0].footer.paragraphs[0].text = "Stopka"
    document.add_comment(document.paragraphs[0].add_run("!"), text="Примечание", author="Ewa")
    return saved(document)


def slides() -> bytes:
    deck = pptx.Presentation()
    for text in ("Первый слайд", POLISH):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = text
    slide.notes_slide.notes_text_frame.text = "Заметка докладчика"
    return saved(deck)


def table() -> bytes:
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Смета")
        sheet.write_row(0, 0, ["Логотип", 64000, 12.5])
        book.add_worksheet("Zaliczka").write(3, 7, POLISH)
    return kept.getvalue()


def open_document(*, kind: str = "text", body: str = "") -> bytes:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    names += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    body = (
        body
        or f"<text:h>{RUSSIAN}</text:h><text:p>Zatwierdzam<text:s/><text:span>zaliczkę</text:span></text:p>"
    )
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "mimetype", f"application/vnd.oasis.opendocument.{kind}", compress_type=zipfile.ZIP_STORED
        )
        made.writestr("content.xml", f"<office:document {names}>{body}</office:document>")
    return kept.getvalue()


def pdf(*lines: str, pages: int = 1) -> bytes:
    """A PDF as a printer driver makes it: glyphs by number, and a map from them to letters."""
    letters = {letter: number for number, letter in enumerate(sorted({*"".join(lines)}), 1)}
    hexed = ["".join(f"{letters[letter]:04x}" for letter in line) for line in lines]
    shown = "".join(f"<{line}> Tj 0 -20 Td " for line in hexed)
    ranges = "\n".join(f"<{number:04x}> <{ord(letter):04x}>" for letter, number in letters.items())
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(letters)} beginbfchar\n{ranges}\nendbfchar\n"
        "endcmap end end"
    )
    kids = " ".join(f"{8 + number} 0 R" for number in range(pages))
    page = f"{_PAGE} /Resources << /Font << /F 3 0 R >> >> >>"
    return _pdf_of(
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H "
        "/DescendantFonts [5 0 R] /ToUnicode 6 0 R >>",
        _stream(f"BT /F 14 Tf 40 800 Td {shown}ET"),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        "/FontDescriptor 7 0 R /DW 600 >>",
        _stream(to_unicode),
        "<< /Type /FontDescriptor /FontName /A /Flags 4 /FontBBox [0 0 600 800] /ItalicAngle 0 /Ascent 800 "
        "/Descent -200 /CapHeight 700 /StemV 80 >>",
        *[page] * pages,
    )


def endless_pdf() -> bytes:
    """A PDF whose pages are their own parents, and whose form draws itself."""
    return _pdf_of(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 50 >>",
        f"{_PAGE} /Resources << /XObject << /X 5 0 R >> >> >>",
        _stream("/X Do"),
        _stream(
            "/X Do /X Do /X Do",
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>",
        ),
    )


def scanned_pdf(*lines: str) -> bytes:
    return _as_pdf(picture(*lines))


def _as_pdf(image: bytes) -> bytes:
    kept = BytesIO()
    with Image.open(BytesIO(image)) as opened:
        opened.convert("L").save(kept, "PDF", resolution=100)
    return kept.getvalue()


def _stream(content: str, more: str = "") -> str:
    return f"<< /Length {len(content)} {more} >>\nstream\n{content}\nendstream"


def _pdf_of(*objects: str) -> bytes:
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode()
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    made += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(made)


def picture(*lines: str, kind: str = "PNG", size: tuple[int, int] = (1200, 300)) -> bytes:
    """An image of printed words."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines or (RUSSIAN, POLISH)):
        draw.text((30, 30 + 90 * number), line, fill="black", font=_font(48))
    # Paper is never quite white, and a file of a real scan is never this small without it.
    noise = Image.effect_noise(size, 6).convert("RGB")
    kept = BytesIO()
    Image.blend(image, noise, 0.06).save(kept, kind)
    return kept.getvalue()


def _font(points: int):
    for folder in map(Path, FONT_FOLDERS):
        if (folder / "DejaVuSans.ttf").exists():
            return ImageFont.truetype(folder / "DejaVuSans.ttf", points)
    raise AssertionError("no font with Cyrillic letters: install fonts-dejavu-core")


def bomb() -> bytes:
    """A document of Word whose body is half a gigabyte of blanks."""
    kept = BytesIO()
    with (
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        made.open("word/document.xml", "w", force_zip64=True) as body,
    ):
        for _ in range(512):
            body.write(b" " * 1024 * 1024)
    return kept.getvalue()


def sparse_table() -> bytes:
    """A table with two cells, and a billion between them."""
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write(0, 0, "слово")
        sheet.write(1_000_000, 1_000, "слово")
    return kept.getvalue()
