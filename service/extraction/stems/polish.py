"""Polish stems: one for all forms of a word and of its aspect partner. In: a folded word. Out: a stem.

People write Polish without diacritics in chats, so the rules work on folded letters. Endings
are stripped in one step, then the shapes that a root takes in its family are joined: wysyłać and wysłać,
uzgadniać and uzgodnić, składać and złożyć.
"""

import re
from itertools import product

from service.extraction.stems.endings import Endings, Roots, pairs, words

_ADJECTIVE = words("y i a e ego iego ej iej emu iemu ym im ymi imi ych ich ie ia")
_NOUN = words("""
    a e i o u y ie ia ii ja ji je jo io iu iow ow owi owie iowi em iem om iom am ami iami ach iach ej
""")
_PAST_THEMES = words("a e i y owa ywa iwa ia iowa")
_PAST = [
    *words("l la lo li ly lem lam les las lismy lysmy liscie lyscie lby laby liby lyby lbym labym"),
    *words("c n no wszy"),
    *("n" + end for end in _ADJECTIVE),
    *("ni" + end for end in words("e a u em om ach ami")),
]
_PRESENT = words("""
    e esz emy ecie a am asz amy acie aja imy ymy isz ysz icie ycie i y uj ujmy ujcie ij yj aj ajmy ajcie
    uje ujesz ujemy ujecie uja ywuje ie iesz iemy iecie ia iam iasz iamy iacie iaja iaj iajcie iajmy jmy
    jcie cie my ijcie yjcie ijmy yjmy eje ejesz ejemy ejecie eja iej iejcie iejmy ieje iejesz iejemy ieja
""")
_NOUNS_OF_ACTS = words("""
    acja acji acje acjo acjami acjach acjom acyj eci ieci ecie iecie eciu ieciu eciem ieciem ecia iecia
    nieto
""")
_WHOLE = words("""
    material kanal dzial podzial udzial artykul tytul skladnik final oryginal portal terminal sygnal
    personal lokal plan ekran termin magazyn domen telefon zamow umow rozmow odmow mow kampan kompan firm
    form reklam problem system program schemat format rezultat adres budzet pakiet bilet priorytet bankiet
    temat plakat kredyt limit audyt rabat kontakt kontrakt aparat automat klimat projekt efekt obiekt
    tekst test list klient projektant dokument moment element segment mail mejl link sklep tabel przelew
    cen wycen scen zmian wymian album dom numer serwer banner baner kolor sektor autor druk zespol okres
    zgod stron spol ofert kwot makiet etykiet witryn godzin harmonogram prezes dyrektor ustal film hasl
    uslug uwag zaliczk wizytowk probk ulotk grafik kierownik oplat zaplat wyplat doplat przedplat notatk
    koszt log
""")
_ENDINGS = Endings(
    {
        *_NOUN,
        *_ADJECTIVE,
        *_PRESENT,
        *_NOUNS_OF_ACTS,
        *map("".join, product(_PAST_THEMES, _PAST)),
        *map("".join, product(words("ac ajac ujac iac iajac iejac ejac"), [*_ADJECTIVE, ""])),
        *map("".join, product(("on", "ion"), [*_ADJECTIVE, "o"])),
        *map("".join, product(("et", "iet"), words("y a e ego ej emu ym ymi ych o"))),
    },
    {*_NOUN, *_ADJECTIVE},
    _WHOLE,
)
_ROOTS = Roots(
    pairs("""
    syl:sl sciel:sl mawi:mow maw:mow gadz:god godz:god gad:god gadn:godn glasz:glos glosz:glos prasz:pros
    prosz:pros klad:loz rabi:rob rab:rob konc:koncz draz:droz twarz:tworz twier:twor twar:twor
    otwart:otwor otwarl:otwor kluc:klucz suw:sun sunie:sun nies:nos niosl:nos niesl:nos nios:nos nosz:nos
    wrac:wroc raca:roc krac:kroc ruchami:ruchom rucham:ruchom mykl:mk myk:mk mkn:mk bier:br bior:br
    czyn:cz czn:cz wiad:wied rzuc:rzuc pomin:pomn
""")
)
_PREFIX = "do|od|wy|po|za|prze|sprze|na|u|roz|z|przy|w"
_IRREGULAR = re.compile(
    rf"""(?:
    (?P<da>{_PREFIX})?da(?:c|m|sz|my|cie|dza|l\w*|j\w*|w[ai]\w*|wszy)
    |(?P<dan>{_PREFIX})da(?:n[yaeio]?\w*|no)
    |(?P<ja>przy|pode|pod|wy|z|za|obe|ob|od|u|na|po)j(?:a[cl]|e[lct]|m[ueaoi])\w*
    |(?P<jm>przy|pode|wy|za|obe|u|na|po)jm\w*
    |(?P<dzien>dzien|dnia|dniu|dniem|dni|dnie|dniom|dniach|dniami)
    |(?P<tydzien>tydzien|tygodni\w*)
    |(?P<miesiac>miesi[ae]c\w*)
    |(?P<rok>roku?|rokiem|rokowi|lat|lata|latach|latami|latom)
    )""",
    re.VERBOSE,
)
_PREFIXED = {"da": "da", "dan": "da", "ja": "ja", "jm": "ja"}
_SAME = pairs("""
    zaplac:plac zapl:plac zrob:rob popros:pros zadzwon:dzwon policz:licz przetlumacz:tlumacz stwor:twor
    utwor:twor poprowad:prowad zrozum:rozum zrezygn:rezygn napis:pis przeczyt:czyt poczek:czek poczk:czk
    zaakcept:akcept zapropon:propon skonsult:konsult wydruk:druk zaprojekt:projekt przetest:test
    zaplan:plan opublik:publik zaktualiz:aktualiz poinform:inform zdecyd:decyd wynegoc:negoc popracow:prac
    poprac:prac zacyt:cyt zweryfik:weryfik zarezerw:rezerw zakoncz:koncz dokoncz:koncz skoncz:koncz
    poprawc:poprawk stawc:stawk dodatk:dodatkow got:gotow pil:piln pel:peln powiedz:powied pow:powied
    odpow:odpowied has:hasl podesl:podsl wybier:wybr zbier:zbr odbier:odbr zebr:zbr odebr:odbr wraca:wroc
    zdjc:zdj bled:blad podp:podpis nap:pis wys:wysl przes:przesl pods:podsl dzw:dzwon zadzw:dzwon
    zmi:zmien wym:wymien usuniec:usun zamkniec:zamk zaczc:zacz klienc:klient przygotow:przygot
    opracow:oprac sloz:zloz wrac:wroc opl:oplac wizytowc:wizytowk probc:probk ulotc:ulotk dzi:dzien
""")
_VOWELS = "aeiouy"
_SOFT = {"cie": "t", "zie": "d", "dze": "g", "dzi": "d"}
"""Locatives of the listed nouns: budzecie, zgodzie, usludze."""


def stem(word: str) -> str:
    """Return the stem that the forms of one word, and of its aspect partner, share.

    >>> {stem(form) for form in ("zatwierdzil", "zatwierdzam", "zatwierdzone", "zatwierdzic")}
    {'zatwierd'}
    """
    if match := _IRREGULAR.fullmatch(word):
        return _irregular_key(match)
    return whole_stem(word) or _join(word, _strip(word))


def whole_stem(word: str) -> str | None:
    """Return the stem of a listed noun, else None."""
    if hard := _SOFT.get(word[-3:]):
        softened = _ENDINGS.whole_stem(word[:-3] + hard)
        if softened:
            return softened
    return _ENDINGS.whole_stem(word)


def _irregular_key(match: re.Match[str]) -> str:
    group = match.lastgroup
    if group is None:
        return "da"
    if group not in _PREFIXED:
        return group
    return str(match[group]).removesuffix("e") + _PREFIXED[group]


def _strip(word: str) -> str:
    if len(word) > 6 and word.endswith("cie") and word[-4] in "kfrsp":
        return word[:-3] + "t"  # projekcie, ofercie, punkcie
    return _ENDINGS.strip(word)


def _join(word: str, stem: str) -> str:
    ending = word[len(stem) :]
    if len(stem) > 4 and stem.endswith("ow") and ending.startswith(("ywa", "iwa", "uj")):
        stem = stem[:-2]
    if len(stem) > 3 and ending == "e" and stem[-1] == "c" and stem[-2] in "tnlrdzs":
        stem = stem[:-1] + "k"  # ulotce, stronce
    if len(stem) > 3 and stem[-1] in "ij" and stem[-2] not in _VOWELS:
        stem = stem[:-1]
    stem = _ROOTS.join(stem)
    if len(stem) > 3:
        stem = _harden(stem)
    return _SAME.get(stem, stem)


def _harden(stem: str) -> str:
    """Undo what endings do to the last consonant: pisz-e, pis-ac; zgodz-ic, zgod-a."""
    if stem.endswith(("sz", "rz", "dz")):
        return stem[:-1]
    if stem.endswith(("ek", "ec")) and stem[-3] not in _VOWELS:
        return stem[:-2] + stem[-1]
    return stem
