"""Images. Out: the words that are recognised in them; logos and lines of signatures are left alone."""

from collections.abc import Iterator
from io import BytesIO
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

from service.attachments.ocr import LARGEST, NEEDS_TESSERACT, SMALLEST, recognise
from service.attachments.reader import Given, Words

if TYPE_CHECKING:
    from PIL.Image import Image

_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_FEWEST_BYTES = 3 * 1024
_MOST_PAGES = 100
"""Of a fax or scan in one file; of an animation only the first frame is looked at."""


class ImageReader:
    """Reads png, jpeg, tiff, webp, gif and bmp."""

    name = "image-1"
    media_types = frozenset(
        {"image/png", "image/jpeg", "image/jpg", "image/tiff", "image/webp", "image/gif", "image/bmp"}
    )
    endings = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins as one of these does."""
        return content.startswith(_MAGIC) or (content.startswith(b"RIFF") and content[8:12] == b"WEBP")

    def read(self, given: Given) -> Iterator[Words]:
        """Yield the words of one page after the other."""
        from PIL import Image, ImageSequence

        with Image.open(BytesIO(given.content)) as image:
            width, height = image.size
            if len(given.content) < _FEWEST_BYTES or width < SMALLEST[0] or height < SMALLEST[1]:
                return
            if width * height > LARGEST:
                yield Words(
                    "", lacking=f"is an image of {width} x {height} pixels: too large to be recognised"
                )
                return
            if given.tesseract is None:
                yield Words("", lacking=NEEDS_TESSERACT)
                return
            pages = _MOST_PAGES if image.format == "TIFF" else 1
            try:
                for _, frame in zip(range(pages), ImageSequence.Iterator(image), strict=False):
                    yield Words(f"{recognise(given.tesseract, _upright(frame))}\n", from_image=True)
            except TimeoutExpired:
                yield Words("", lacking="takes too long to recognise: it may hold very many marks")


def _upright(image: "Image") -> "Image":
    """Turn an image as its camera was held, and put what is transparent on white."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(image)
    if not turned.has_transparency_data:
        return turned
    seen = turned.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)


READER = ImageReader()
