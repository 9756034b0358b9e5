"""Say in which language a sentence is written. In: text, the conversation's language. Out: a language code.

Script first, then letters that only one language writes, then frequent words, then py3langid among our
languages; words that belong to everybody ("ok", "ASAP") follow the conversation.
Never: looks at more than one sentence.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from service.extraction.language import Language

_WORD = re.compile(r"[^\W\d_]+")
_LONG_ENOUGH = 4
"""py3langid guesses on fewer words; the conversation knows better."""


@cache
def _identifier(codes: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(codes))
    return identifier


def language_of(text: str, languages: Sequence[Language], prior: str) -> str:
    """Return the code of the language that a sentence is written in; `prior` where the words do not say."""
    words = [word.lower() for word in _WORD.findall(text)]
    letters = set("".join(words))
    marked = [language for language in languages if letters & set(language.letters)]
    if len(marked) == 1:
        return marked[0].code
    votes = {language.code: sum(word in language.stop_words for word in words) for language in languages}
    best = max(votes.values(), default=0)
    leaders = [code for code, count in votes.items() if count == best]
    if best and len(leaders) == 1:
        return leaders[0]
    if best and prior in leaders:
        return prior
    if len(words) < _LONG_ENOUGH:
        return prior
    code: str = _identifier(tuple(sorted(votes))).classify(text)[0]
    return code if best == 0 or code in leaders else prior
