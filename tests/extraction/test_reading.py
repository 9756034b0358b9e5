"""Sentences, clauses, languages and forms."""

import pytest

from service.extraction.clause_language import language_of
from service.extraction.morphology import english, polish, russian
from service.extraction.patterns import Cues
from service.extraction.pipelines import known_languages
from service.extraction.polarity import composed
from service.extraction.reading import read
from service.extraction.sentences import sentence_ranges


def texts(text: str, prior: str = "ru") -> list[str]:
    return [clause.text for clause in read(text, [(0, len(text))], prior)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Смета 5 тыс. руб. и срок. Ок", ["Смета 5 тыс. руб. и срок.", "Ок"]),
        ("не успеваем. давай в среду", ["не успеваем.", "давай в среду"]),
        ("Первая\n\n  Вторая  ", ["Первая", "Вторая"]),
        ("А. С. Пушкин пришёл", ["А. С. Пушкин пришёл"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_people_end_them(text, sentences):
    found = sentence_ranges(text, {"тыс", "руб"})
    assert [text[start:end] for start, end in found] == sentences


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Согласовано, договор пришлю завтра", ["Согласовано", "договор пришлю завтра"]),
        ("ок 👍 делаем", ["ок", "👍", "делаем"]),
        ("1) берём А, 2) срок 15-го", ["берём А", "срок 15-го"]),
        ("сайт готов, а блог нет", ["сайт готов", "а блог нет"]),
        ("Запускаем?", ["Запускаем?"]),
        ("...", []),
    ],
)
def test_clauses_are_cut_at_signs_and_conjunctions(text, clauses):
    assert texts(text) == clauses


def test_a_list_point_knows_that_it_is_one():
    text = "1) берём А, 2) срок 15-го"
    assert [clause.listed for clause in read(text, [(0, len(text))], "ru")] == [True, True]


def test_only_own_ranges_are_read():
    text = "> Согласуете?\nДа, берём"
    assert [clause.text for clause in read(text, [(14, len(text))], "ru")] == ["Да", "берём"]


@pytest.mark.parametrize(
    ("text", "prior", "code"),
    [
        ("Пришлите макет", "pl", "ru"),
        ("Wyślę jutro", "en", "pl"),
        ("prosze o fakture jutro", "ru", "pl"),
        ("please send it to us", "pl", "en"),
        ("ok", "pl", "pl"),
        ("ASAP", "ru", "ru"),
        ("👍", "en", "en"),
        ("The invoice arrived yesterday evening", "pl", "en"),
    ],
)
def test_a_sentence_shows_its_language(text, prior, code):
    assert language_of(text, known_languages(), prior) == code


@pytest.mark.parametrize(
    ("analyse", "form", "lemma", "mark"),
    [
        (russian.analyse, "пришлю", "прислать", "1fut"),
        (russian.analyse, "пришлите", "прислать", "imp"),
        (russian.analyse, "согласовано", "согласовать", "short"),
        (russian.analyse, "отправляем", "отправлять", "1pres"),
        (russian.analyse, "скину", "скинуть", "1fut"),
        (polish.analyse, "wyślę", "wysłać", "1fut"),
        (polish.analyse, "wysle", "wysłać", "1fut"),
        (polish.analyse, "zatwierdzone", "zatwierdzić", "short"),
        (polish.analyse, "chciałbym", "chcieć", "cond"),
        (polish.analyse, "wysłałam", "wysłać", "1past"),
        (polish.analyse, "będziemy", "być", "1fut"),
        (english.analyse, "sent", "send", "past"),
        (english.analyse, "shipped", "ship", "past"),
        (english.analyse, "replaced", "replace", "past"),
        (english.analyse, "send", "send", "imp"),
    ],
)
def test_forms_are_known(analyse, form, lemma, mark):
    analysis = analyse(form)
    assert (analysis.lemma, mark in analysis.forms) == (lemma, True)


@pytest.mark.parametrize("analyse", [russian.analyse, polish.analyse, english.analyse])
@pytest.mark.parametrize("form", ["", "zxqv", "ыыы", "ß", "x" * 300, "'"])
def test_strange_forms_are_no_trouble(analyse, form):
    assert isinstance(analyse(form).lemma, str)


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        ("good to go", "it is good to go now", True),
        ("good to go", "good now", False),
        ("as _ possible", "as soon as possible", True),
        ("as _ possible", "as a b c d possible", False),
        ("^ok", "ok fine", True),
        ("^ok", "fine ok", False),
        ("ok$", "fine ok", True),
        ("ok$", "ok fine", False),
        ("appro*", "approving", True),
        ("can|could you", "could you", True),
        ("can|could you", "would you", False),
        ("$", "5 $", True),
        ("zażółć", "zazolc", True),
        ("ещё", "еще", True),
    ],
)
def test_patterns_match_as_described(pattern, text, holds):
    cues = Cues({"cue": pattern}, str.split)
    words = [frozenset({word, *cues.prefixes(word)}) for word in text.split()]
    assert bool(cues.match(words)) == holds


@pytest.mark.parametrize(
    ("found", "question", "cues"),
    [
        ({"accept": {0}}, False, {"accept"}),
        ({"negation": {0}, "accept": {1}}, False, {"negation", "refuse"}),
        ({"negation": {3}, "accept": {0}}, False, {"negation", "accept"}),
        ({"negation": {0}, "no_objection": {0}, "refuse": {0}}, False, {"no_objection", "accept"}),
        ({"ask_yes": {0}, "accept": {0}}, False, {"ask_yes"}),
        ({"decide_later": {0}, "accept": {0}, "time": {1}}, False, {"decide_later", "time"}),
        ({"accept": {0}, "done": {0}, "seek_yes": {0}}, True, {"seek_yes"}),
    ],
)
def test_polarity_and_modality_come_before_the_stem(found, question, cues):
    assert composed(found, question=question) == cues
