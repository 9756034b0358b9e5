import pytest

from service.archive.first_names import FULL_NAMES
from service.archive.name_sounds import familiar_keys, name_keys, single_key

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
    assert name_keys(one) & name_keys(other)
    assert familiar_keys(one) & familiar_keys(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_and_names_of_one_word_share_nothing(one, other):
    assert not name_keys(one) & name_keys(other)
    assert not familiar_keys(one) & familiar_keys(other)


@pytest.mark.parametrize(("one", "other"), SHORT)
def test_a_short_first_name_is_known_by_its_full_one(one, other):
    assert familiar_keys(one) & familiar_keys(other)


def test_a_short_name_of_two_full_ones_does_not_make_these_the_same():
    assert not familiar_keys("Александр Ким") & familiar_keys("Александра Ким")


def test_a_single_word_is_a_key_of_its_own():
    assert single_key("Кася") == single_key("kasia ☕") is not None
    assert single_key("Kasia Nowak") is None
    assert single_key("☕") is None


def test_a_long_name_of_many_readings_has_few_keys():
    assert len(name_keys("Chrzaszcz Chrzaszcz Chrzaszcz Chrzaszcz " * 50)) <= 16


@pytest.mark.parametrize("table", FULL_NAMES)
def test_tables_of_names_are_clean(table):
    words = [word for full, short in table.items() for word in (full, *short.split())]
    assert all(word.isalpha() and word == word.lower() for word in words)
    assert all(full not in short.split() for full, short in table.items())
