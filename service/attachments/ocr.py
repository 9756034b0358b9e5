"""Recognise words in an image through the command `tesseract`. In: an image. Out: its words, or none.

Never: installs or downloads anything, writes a file; says so where the command is missing.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LANGUAGES = ("rus", "pol", "eng")
NEEDS_TESSERACT = (
    "has words in images: install tesseract-ocr with tesseract-ocr-rus, tesseract-ocr-pol and "
    "tesseract-ocr-eng, and they are read by themselves"
)
SMALLEST = (150, 50)
"""Pixels: smaller images are logos, smileys and lines of signatures."""
LARGEST = 60_000_000
"""Pixels: more than any camera or scanner makes, and 60 MB as grey."""
READ_AT = 12_000_000
"""Pixels that are looked at: an A4 page at 300 dpi has nine million; more only takes longer."""
ENLARGED_BELOW = 1_000_000
"""Pixels: words of a screenshot are too small for a recogniser that was trained on scans."""
SURE = 50.0
"""Of 100: photographs without words yield "words" below it."""

_LINE = ("block_num", "par_num", "line_num")


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The installed command."""

    command: str
    languages: str
    """Those of ours that are installed, as the command takes them: `rus+pol+eng`."""
    seconds: float
    """The longest that one image may take."""


def find_tesseract(seconds: float) -> Tesseract | None:
    """Return the command if it is installed with at least one of our languages."""
    command = shutil.which("tesseract")
    if command is None:
        return None
    try:
        listed = subprocess.run(
            [command, "--list-langs"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    installed = listed.stdout.split()
    languages = "+".join(language for language in LANGUAGES if language in installed)
    return Tesseract(command, languages, seconds) if languages else None


def recognise(tesseract: Tesseract, image: "Image") -> str:
    """Return the words of an image, line by line. Raises OSError, TimeoutExpired."""
    grey = _sized(image.convert("L"))
    netpbm = b"P5 %d %d 255\n" % grey.size + grey.tobytes()
    done = subprocess.run(
        [tesseract.command, "stdin", "stdout", "-l", tesseract.languages, "--dpi", "200", "tsv"],
        input=netpbm,
        capture_output=True,
        timeout=tesseract.seconds,
        check=False,
    )
    if done.returncode:
        raise OSError(f"tesseract failed: {done.stderr.decode(errors='replace').strip()[-200:]}")
    return "\n".join(_lines(done.stdout.decode(errors="replace")))


def _sized(image: "Image") -> "Image":
    width, height = image.size
    if width * height < ENLARGED_BELOW:
        return image.resize((2 * width, 2 * height))
    shrunk = min(1.0, (READ_AT / (width * height)) ** 0.5)
    return image if shrunk == 1.0 else image.resize((round(width * shrunk), round(height * shrunk)))


def _lines(table: str) -> Iterator[str]:
    """Yield the lines of a table of words that hold a word which is surely one."""
    heading, *rows = (row.split("\t") for row in table.splitlines() if row)
    words = [dict(zip(heading, row, strict=False)) for row in rows]
    for _, line in groupby(words, key=lambda word: [word.get(name) for name in _LINE]):
        sure = [word["text"] for word in line if float(word["conf"]) >= SURE and word.get("text", "").strip()]
        if any(len(word) > 1 and any(map(str.isalnum, word)) for word in sure):
            yield " ".join(sure)
