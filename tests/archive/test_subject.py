import pytest

from service.archive.subject import bare_subject, is_reply


@pytest.mark.parametrize(
    "prefix",
    [
        *("Re:", "RE :", "Fwd:", "FW:", "Odp:", "ODP.:", "PD:", "Отв:", "Ответ:", "Пересл:", "НА:", "На:"),
        *("AW:", "WG:", "Antw:", "Відп:", "Re[2]:", "Re^2:", "Re(3):", "Re: Fwd: Odp:", "RE\uff1a", "HA:"),
        *("[EXT] Re:", "Re: [EXTERNAL]", "Re: [Внешняя почта] Отв:"),
    ],
)
def test_what_programs_put_before_a_subject_is_no_part_of_it(prefix):
    assert is_reply(f"{prefix} Смета на сайт")
    assert bare_subject(f"  {prefix}  Смета на сайт ") == "Смета на сайт"


@pytest.mark.parametrize(
    "subject",
    ["Смета", "Reklama: wycena", "Пересылаю смету", "[2] umowa", "Na teraz: baner", "Rewers: druk", ""],
)
def test_what_people_write_stays(subject):
    assert not is_reply(subject)
    assert bare_subject(subject) == subject


def test_a_tag_of_mail_from_outside_alone_makes_no_reply():
    assert not is_reply("[EXTERNAL] Смета")
    assert bare_subject("[EXTERNAL] Смета") == "Смета"
