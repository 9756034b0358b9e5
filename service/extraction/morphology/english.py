"""English forms by rule and a short list. In: a lower-case form. Out: Analysis. Never: reads the context.

English marks the acts with separate words ("I'll", "could you"), so endings are all that is needed here.
"""

from functools import lru_cache

from service.extraction.language import Analysis, words

_IRREGULAR = {
    form: lemma
    for lemma, forms in {
        "be": "is are was were been am 's 're 'm",
        "have": "has had 've",
        "do": "does did done",
        "send": "sent",
        "go": "went gone goes",
        "get": "got gotten",
        "make": "made",
        "put": "put",
        "take": "took taken",
        "give": "gave given",
        "say": "said",
        "tell": "told",
        "think": "thought",
        "know": "knew known",
        "agree": "agreed",
        "decide": "decided",
        "speak": "spoke spoken",
        "write": "wrote written",
        "come": "came",
        "see": "saw seen",
        "find": "found",
        "leave": "left",
        "keep": "kept",
        "let": "let",
        "pay": "paid",
        "buy": "bought",
        "build": "built",
        "redo": "redid redone",
        "draw": "drew drawn",
        "shake": "shook shaken",
        "settle": "settled",
        "will": "'ll wo",
        "can": "ca",
        "not": "n't",
        "would": "'d",
        "shall": "sha",
    }.items()
    for form in forms.split()
}
_ASKING = words(
    """
    add allow answer arrange ask book bring build call change check chuck clarify come complete confirm
    consider copy correct create cut deal delete deliver draft draw drop email ensure explain fill find
    finish fix follow forward get give go grab have hold include install invoice issue keep kill knock
    leave let look mail make move note open order pass pay pick ping pop post prepare print provide pull
    push put raise reduce reissue release remove rename replace reply resend reserve return review revise
    ring run save schedule scrap scratch see send set share shift ship show sign skip sort stick stop
    submit supply swap switch take tell test throw tidy try turn update upload use write
    """
)


@lru_cache(maxsize=50_000)
def analyse(form: str) -> Analysis:
    """Return the lemma and the marks of a form."""
    if form in _IRREGULAR:
        marks = {"past"} if form.endswith(("t", "d", "e", "n", "k", "w")) and form[0] != "'" else set()
        return Analysis(_IRREGULAR[form], frozenset(marks | ({"imp"} if form in _ASKING else set())))
    if form in _ASKING:
        return Analysis(form, frozenset({"imp"}))
    if len(form) > 4 and form.endswith("ed"):
        return Analysis(_base(form[:-2]), frozenset({"past"}))
    if len(form) > 5 and form.endswith("ing"):
        return Analysis(_base(form[:-3]), frozenset({"1pres"}))
    if len(form) > 3 and form.endswith("s") and not form.endswith(("ss", "us", "is")):
        return Analysis(form[:-2] if form.endswith(("shes", "ches", "xes")) else form[:-1])
    return Analysis(form)


def _base(stem: str) -> str:
    """Undo doubling and a dropped e, as far as it shows: `shipp` -> `ship`, `replac` -> `replace`."""
    if stem[-1:] == stem[-2:-1] and stem[-1:] not in "lsz":
        return stem[:-1]
    if stem.endswith(("c", "v", "g", "z", "s", "u", "at", "ir", "ur", "ot", "iz")) and not stem.endswith(
        ("ss", "ng")
    ):
        return stem + "e"
    return stem[:-1] + "y" if stem.endswith("i") else stem
