import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction import lemmas
from service.extraction.lemmas import WORD, prefix_key, query_key, search_keys

FAMILIES = [
    "согласовали согласовано согласуем согласовывать согласована согласую согласуйте согласовывали",
    "утвердить утверждаю утвердили утверждён утверждена утверждать",
    "прислать пришлю присылаю прислали присланный пришлём пришлите",
    "отправить отправлю отправляем отправили отправлено отправьте",
    "подписать подпишу подписали подписываем подписан подпишите",
    "оплатить оплатим оплачен оплачивать оплатили оплачу",
    "обсудить обсудили обсуждаем обсуждали обсудим",
    "договориться договорились договариваемся договоримся",
    "сделать делаем сделаем сделали делать сделано",
    "договор договора договору договором договоры договоров договорах",
    "макет макета макету макетом макете макеты макетов",
    "счёт счет счета счёту счетом счетов",
    "zatwierdził zatwierdzam zatwierdzone zatwierdzić zatwierdzic zatwierdziła zatwierdzony zatwierdź",
    "wysłać wyślę wysyłam wysłałem wysłane wyślij wysłała wyslane",
    "zaakceptować akceptuję zaakceptowane akceptuje akceptacja",
    "ustalić ustaliliśmy ustalam ustalone ustaliłem ustalamy",
    "podpisać podpiszę podpisujemy podpisana podpisali podpisz",
    "umówić umawiamy umówiliśmy umówione",
    "umowa umowy umowę umową umowie umów umowami",
    "faktura faktury fakturę fakturą fakturze faktur",
    "budżet budżetu budżetem budżecie budzet",
    "approved approves approving approve approval",
    "confirm confirmed confirms confirming confirmation",
    "sign signed signs signing",
    "delivery deliver delivered delivers deliveries",
    "invoice invoices invoiced",
    "company companies",
    "agree agreed agrees agreement agreements",
    "send sends sent sending",
]
APART = [
    "согласовать отказать оплатить договор макет счёт срок",
    "перенести перевести передать переделать",
    "дом домен домашний",
    "zatwierdzić zapłacić zamówić umowa faktura termin",
    "cena strona zmiana wycena",
    "approve reject pay sign send price page contract",
    "form from farm firm",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_forms_and_aspect_partners_share_a_key(family):
    assert len({query_key(form) for form in family.split()}) == 1


@pytest.mark.parametrize("words", APART)
def test_different_words_keep_different_keys(words):
    keys = [query_key(word) for word in words.split()]

    assert len(set(keys)) == len(keys)


def test_case_and_diacritics_do_not_matter():
    assert query_key("ЗАТВЕРДЖЕНО") == query_key("затверджено")
    assert query_key("Płatność") == query_key("platnosc")
    assert query_key("Café") == query_key("cafe")
    assert query_key("Ещё") == query_key("еще")


def test_decomposed_letters_meet_composed_ones():
    assert search_keys("Чёрный и\u0306од zażo\u0301łć") == search_keys("черный йод zażółć")


def test_short_i_is_a_letter_and_not_an_accented_one():
    assert query_key("йод") != query_key("иод")


def test_addresses_numbers_and_file_names_fall_apart_into_words():
    text = "Договор №15/2 → anna.k@studio-x.pl, https://site.com/a_b, v2_final.PDF, @petrov99"

    assert search_keys(text).split() == [query_key(word) for word in re.findall(r"[^\W_]+", text)]
    assert search_keys("15/2 a_b @petrov99") == "15 2 a b petrov99"


def test_words_with_digits_are_only_folded():
    assert search_keys("MP4 15-го 3D h264") == "mp4 15 го 3d h264"


def test_a_word_of_64_letters_or_more_is_cut():
    assert len(query_key("x1" * 5000)) == lemmas.LONGEST_KEY


def test_text_without_words_has_no_keys():
    assert search_keys(" … — 👍 ") == ""


@given(st.text())
def test_keys_follow_the_words_one_to_one(text):
    words = [match[0] for match in WORD.finditer(text)]

    keys = search_keys(text).split(" ") if words else []

    assert keys == [query_key(word) for word in words]
    assert all(key.isalnum() for key in keys)


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=20))
def test_any_cyrillic_word_has_a_key(word):
    assert query_key(word)


@given(st.text(alphabet="aąbcćdeęfghijklłmnńoóprsśtuwyzźż", min_size=1, max_size=20))
def test_any_latin_word_has_a_key(word):
    assert query_key(word)


@pytest.mark.parametrize(
    ("prefix", "word"),
    [
        ("соглас", "согласовали"),
        ("согласов", "согласуем"),
        ("Согласован", "согласована"),
        ("утвержд", "утвердить"),
        ("пришл", "прислали"),
        ("дого", "договору"),
        ("zatwier", "zatwierdzam"),
        ("zatwierdzo", "zatwierdzone"),
        ("wysył", "wysłała"),
        ("fakt", "fakturą"),
        ("approv", "approving"),
        ("2026", "20261121"),
    ],
)
def test_a_prefix_reaches_the_keys_of_words_that_start_with_it(prefix, word):
    assert query_key(word).startswith(prefix_key(prefix))


def test_a_prefix_does_not_reach_other_words():
    assert not query_key("оплатили").startswith(prefix_key("соглас"))


def test_the_memory_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr(lemmas, "CACHED_WORDS", 10)
    monkeypatch.setattr(lemmas, "_KEYS", lemmas._Keys())

    for number in range(100):
        search_keys(f"слово{number}")

    assert len(lemmas._KEYS) <= 10
