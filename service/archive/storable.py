"""Text that both engines can hold. In: any text. Out: storable text. Never: changes what can be stored."""


def storable(text: str) -> str:
    """Replace what PostgreSQL (NUL) or either engine (a lone surrogate) refuses; the original has the truth.

    >>> storable("a" + chr(0) + "b") == "a" + chr(0xFFFD) + "b"
    True
    """
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
