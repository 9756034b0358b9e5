"""Search keys: a word gives the same key in all its forms. In: text. Out: keys. Never: looks at the context.

A word's key depends on the word alone, because a query has no context: Cyrillic words are read as Russian,
Latin ones as English where `stems.english` knows them, else as Polish. Letters are lower-cased and lose their
diacritics first, so "zatwierdzić" and "zatwierdzic" meet.

Words are runs of letters and digits, as SQLite's unicode61 tokenizer cuts them: addresses and file names
fall apart into words that a phrase finds again. The n-th key belongs to the n-th match of `WORD`.
"""

import re
from unicodedata import normalize

from service.archive.pieces import pieces
from service.extraction.stems import english, polish, russian

WORD = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_\u0300-\u036f]*)*")
"""One word of a text, with the combining marks of decomposed letters."""
LONGEST_KEY = 64
"""Longer runs are no words (base64, hashes); PostgreSQL refuses lexemes of 2 KB."""
CACHED_WORDS = 131_072
_QUICK_WORD = re.compile(r"\w[\w\u0300-\u036f]*")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ё": "е", "ı": "i"})
_CYRILLIC = re.compile("[а-яё]")
_STEMMED = re.compile("[а-я]+|[a-z]+")


def search_keys(text: str) -> str:
    """Return the keys of all words in order, separated by single spaces.

    >>> search_keys("Согласовали макет, v2_final.pdf")
    'соглас макет v2 final pdf'
    """
    return " ".join(filter(None, map(_keys, pieces(text))))


def query_key(word: str) -> str:
    """Return the key of one word; a text of several words gives several keys.

    >>> query_key("согласовывать")
    'соглас'
    """
    return search_keys(word)


def prefix_key(prefix: str) -> str:
    """Return what the keys of all words that start with `prefix` start with, as far as that can be known.

    The index keeps keys, not surface forms: a prefix that reaches beyond a word's stem is cut back to it
    ("согласован*" finds what "соглас*" finds), and a family that changes its root is found by the part that
    all its forms share ("пришл*" asks for "при*"). A word whose key drops a prefix is found once the query
    reaches its root: "напис*" asks for "пис*", but "напи*" does not find "написать"; nor does a prefix that
    ends inside an ending find all forms: "approvi*" misses "approved".
    """
    folded = _fold(prefix.lower().strip())
    key = query_key(folded)
    shared = 0
    while shared < min(len(folded), len(key)) and folded[shared] == key[shared]:
        shared += 1
    return key[:shared] or key


def _keys(text: str) -> str:
    return " ".join(filter(None, map(_KEYS.__getitem__, text.lower().replace("_", " ").split())))


def _fold(word: str) -> str:
    composed = normalize("NFC", word).translate(_LETTERS)
    # In Cyrillic й is a letter of its own, not и with a mark.
    bare = composed if _CYRILLIC.search(composed) else normalize("NFKD", composed).lower()
    return "".join(letter for letter in bare if letter.isalnum()) or word[:1]


def _key(word: str) -> str:
    folded = word if word.isascii() else _fold(word)
    if len(folded) < 3 or not _STEMMED.fullmatch(folded):
        return folded
    if folded[0] > "z":
        return russian.stem(folded)
    if folded != word:
        return polish.stem(folded)
    stem = english.stem(folded)
    whole = polish.whole_stem(stem) or polish.whole_stem(folded)
    if whole:
        return whole
    return stem if english.is_english(folded, stem) else polish.stem(folded)


class _Keys(dict[str, str]):
    """Remembers the keys of words with the signs around them: cutting at blanks costs half of finding words.

    Forgets them all when full, which costs less than keeping an order.
    """

    def __missing__(self, piece: str) -> str:
        keys = " ".join(_key(word[:LONGEST_KEY]) for word in _QUICK_WORD.findall(piece))
        if len(piece) <= LONGEST_KEY:
            if len(self) >= CACHED_WORDS:
                self.clear()
            self[piece] = keys
        return keys


_KEYS = _Keys()
