import pytest

from service.archive.first_names import FULL_NAMES
from service.archive.name_sounds import keys_of, parts_of

SAME = [
    ("Анна Клос", "Anna Klos"),
    ("Анна Клос", "Kłos, Anna"),
    ("Шимон Вишневский", "Szymon Wiśniewski"),
    ("Шимон Вишневский", "Szymon Wisniewski"),
    ("Юлия Щербакова", "Yulia Shcherbakova"),
    ("Юлия Щербакова", "Julia Szczerbakowa"),
    ("Алексей Ковальчик", "Aleksiej Kowalczyk"),
    ("Пётр Вуйцик", "Piotr Wójcik"),
    ("Piotr Wojcik", "PIOTR WÓJCIK"),
    ("Наталья Чехова", "Natalia Chekhova"),
    ("Дмитрий Хворостовский", "Dmitry Khvorostovsky"),
    ("Сергей Ёлкин", "Sergey Yolkin"),
    ("Сергей Ёлкин", "Сергей Елкин"),
    ("Катажина Новак", "Katarzyna Nowak"),
    ("Иванов Иван Иванович", "Ivan Ivanov"),
    ("mgr Anna Klos (Kreska)", "Anna Klos"),
    ("Anna Maria Klos", "Klos Anna Maria"),
]
OTHERS = [
    ("Анна Ким", "Яна Ким"),
    ("Anna Klos", "Anna Kloc"),
    ("Igor Kim", "Olga Kim"),
    ("Tom Lis", "Tom Las"),
    ("Anna", "Anna"),
    ("", ""),
    ("A. K.", "A. K."),
    ("123", "123"),
]
SHORT = [
    ("Kasia Nowak", "Katarzyna Nowak"),
    ("Kasia Nowak", "Катажина Новак"),
    ("Саша Петрова", "Александра Петрова"),
    ("Саша Петров", "Alexander Petrov"),
    ("Sasha Petrov", "Александр Петров"),
    ("Ola Klos", "Александра Клос"),
    ("Bob Smith", "Robert Smith"),
    ("Кира Ким", "Кира Ким"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_name_sounds_the_same_however_it_is_written(one, other):
    assert keys_of(one).whole & keys_of(other).whole
    assert keys_of(one).familiar & keys_of(other).familiar


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_and_names_of_one_word_share_nothing(one, other):
    assert not keys_of(one).whole & keys_of(other).whole
    assert not keys_of(one).familiar & keys_of(other).familiar


@pytest.mark.parametrize(("one", "other"), SHORT)
def test_a_short_first_name_is_known_by_its_full_one(one, other):
    assert keys_of(one).familiar & keys_of(other).familiar


def test_a_short_name_of_two_full_ones_does_not_make_these_the_same():
    assert not keys_of("Александр Ким").familiar & keys_of("Александра Ким").familiar


def test_a_single_word_is_a_key_of_its_own():
    assert keys_of("Кася").single == keys_of("kasia ☕").single == "kasa"
    assert keys_of("Kasia Nowak").single == ""
    assert keys_of("☕").single == ""


def test_a_long_name_of_many_readings_has_few_keys():
    assert len(parts_of("Chrzaszcz " * 50)) == 4
    assert len(keys_of("Chrzaszcz " * 50).whole) <= 16


@pytest.mark.parametrize("table", FULL_NAMES)
def test_tables_of_names_are_clean(table):
    words = [word for full, short in table.items() for word in (full, *short.split())]
    assert all(word.isalpha() and word == word.lower() for word in words)
    assert all(full not in short.split() for full, short in table.items())
