"""Every shape of date and time that phones print is read as it was meant."""

import json
from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.date_orders import DateEvidence
from service.sources.printed_times import DateOrder, read_stamp

NARROW, HARD, RTL = "\u202f", "\u00a0", "\u200f"
AM_PM = ("AM", "PM")
FIRST = datetime.fromisoformat("2022-01-13T00:04:03")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
SHAPES = {
    "en-US": ("{m}/{d}/{yy}, {h}:{MM}" + NARROW + "{half}", AM_PM),
    "en-US before 2023": ("{m}/{d}/{yy}, {h}:{MM}:{SS} {half}", AM_PM),
    "en-US 24 hours": ("{m}/{d}/{yy}, {HH}:{MM}", None),
    "en-GB": ("{dd}/{mm}/{yyyy}, {HH}:{MM}", None),
    "en-IN": ("{dd}/{mm}/{yy}, {h}:{MM}" + NARROW + "{half}", ("am", "pm")),
    "ru-RU": ("{dd}.{mm}.{yyyy}, {HH}:{MM}", None),
    "ru-RU 12 hours": ("{dd}.{mm}.{yyyy}, {h}:{MM} {half}", AM_PM),
    "uk-UA 12 hours": ("{dd}.{mm}.{yy}, {h}:{MM} {half}", ("дп", "пп")),
    "de-DE": ("{dd}.{mm}.{yy}, {HH}:{MM}:{SS}", None),
    "cs-CZ": ("{dd}.{mm}.{yy} {HH}:{MM}", None),
    "cs-CZ 12 hours": ("{d}. {m}. {yyyy}, {h}:{MM} {half}", ("dop.", "odp.")),
    "nl-NL": ("{dd}-{mm}-{yyyy} {HH}:{MM}", None),
    "es-ES": ("{d}/{m}/{yy} {h}:{MM} {half}", (f"a.{HARD}m.", f"p.{HARD}m.")),
    "pt-BR": ("{d}/{m}/{yyyy} {h}:{MM} {half}", ("da manhã", "da tarde")),
    "fr-FR": ("{dd}/{mm}/{yyyy} à {HH}:{MM}", None),
    "fr-CA": ("{yyyy}-{mm}-{dd} {HH}" + HARD + "h" + HARD + "{MM}", None),
    "fr-CA short year": ("{yy}-{mm}-{dd} {HH}:{MM}", None),
    "id-ID": ("{dd}/{mm}/{yy} {HH}.{MM}.{SS}", None),
    "fi-FI": ("{d}.{m}.{yyyy} klo {H}.{MM}", None),
    "bg-BG": ("{d}.{mm}.{yy} г., {H}:{MM} ч.", None),
    "vi-VN": ("{HH}:{MM}:{SS}, {dd}/{mm}/{yyyy}", None),
    "vi-VN 12 hours": ("{h}:{MM}:{SS} {half}, {dd}/{mm}/{yyyy}", ("SA", "CH")),
    "sv-SE": ("{yyyy}-{mm}-{dd}, {HH}:{MM}", None),
    "hu-HU": ("{yyyy}. {mm}. {dd}. {HH}:{MM}", None),
    "el-GR": ("{d}/{m}/{yy}, {h}:{MM} {half}", ("π.μ.", "μ.μ.")),
    "tr-TR": ("{d}.{mm}.{yyyy} {half} {h}:{MM}", ("ÖÖ", "ÖS")),
    "he-IL": ("{d}.{m}.{yyyy}, {h}:{MM} {half}", ("לפנה״צ", "אחה״צ")),
    "th-TH": ("{d}/{m}/{thai} {HH}:{MM}:{SS}", None),
    "th-TH short year": ("{d}/{m}/{thai2} {HH}:{MM}", None),
    "Thai calendar in English": ("{m}/{d}/{thai} BE, {HH}:{MM}:{SS}", None),
    "ja-JP": ("{yyyy}/{mm}/{dd} {H}:{MM}", None),
    "Japanese calendar": ("R{era}/{m}/{d} {half}{h}:{MM}", ("午前", "午後")),
    "Japanese calendar in English": ("{m}/{d}/R{era}, {HH}:{MM}:{SS}", None),
    "ko-KR": ("{yyyy}. {m}. {d}. {half} {h}:{MM}", ("오전", "오후")),
    "ko-KR short year": ("{yy}. {m}. {d}. {half} {h}:{MM}", ("오전", "오후")),
    "ko-KR in words": ("{yyyy}년 {m}월 {d}일 {half} {h}:{MM}", ("오전", "오후")),
    "zh-TW": ("{yyyy}/{m}/{d} {half}{h}:{MM}", ("上午", "下午")),
    "hi-IN": ("{d}/{m}/{yy}, {h}:{MM} {half}", ("पूर्वाह्न", "अपराह्न")),
    "bn-BD": ("{d}/{m}/{yy}, {h}:{MM} {half}", AM_PM),
}
DIGITS = {
    "ar-EG": (f"{RTL}{{d}}{RTL}/{{m}}{RTL}/{{yyyy}}، {{h}}:{{MM}} {{half}}", ("ص", "م"), ARABIC),
    "fa digits": ("{yyyy}/{m}/{d}، {HH}:{MM}", None, PERSIAN),
    "mr-IN": ("{d}/{m}/{yy}, {h}:{MM} {half}", AM_PM, DEVANAGARI),
}


def printed(at: datetime, shape: str, halves: tuple[str, str] | None) -> str:
    return shape.format(
        d=at.day,
        m=at.month,
        dd=f"{at.day:02}",
        mm=f"{at.month:02}",
        yy=f"{at.year % 100:02}",
        yyyy=at.year,
        thai=at.year + 543,
        thai2=(at.year + 543) % 100,
        era=at.year - 2018,
        H=at.hour,
        HH=f"{at.hour:02}",
        h=at.hour % 12 or 12,
        MM=f"{at.minute:02}",
        SS=f"{at.second:02}",
        half=halves[at.hour >= 12] if halves else "",
    )


def read_all(lines: list[str]) -> list[datetime | None]:
    stamps = [read_stamp(line) for line in lines]
    evidence = DateEvidence()
    for record, stamp in enumerate(stamps):
        evidence.add(stamp, record)
    orders = evidence.orders(None, ())
    return [stamp.at(orders.at(stamp, record)) for record, stamp in enumerate(stamps)]


@pytest.mark.parametrize(
    ("shape", "halves", "digits"),
    [*((*shape, {}) for shape in SHAPES.values()), *DIGITS.values()],
    ids=[*SHAPES, *DIGITS],
)
def test_a_chat_printed_as_a_locale_does_is_read_back(shape, halves, digits):
    said = [FIRST + timedelta(hours=17, minutes=37, seconds=11) * step for step in range(400)]
    lines = [printed(at, shape, halves).translate(digits) for at in said]
    exact = said if "{SS}" in shape else [at.replace(second=0) for at in said]
    assert read_all(lines) == exact


def test_every_part_of_the_day_of_every_language_gives_back_its_hours():
    words = json.loads(files("service.sources").joinpath("half_days.json").read_text("utf-8"))
    wrong = []
    for word, (start, end) in words.items():
        for hour in range(start, end if end > start else end + 24):
            stamp = read_stamp(f"14.03.2022, {hour % 12 or 12}:05 {word}")
            if stamp is None or stamp.clock.warning or stamp.clock.at.hour != hour % 24:
                wrong.append((word, hour))
    assert not wrong


@pytest.mark.parametrize(
    ("printed_time", "hour"),
    [
        ("00:04 AM", 0),
        ("12:04 AM", 0),
        ("12:04 PM", 12),
        ("21:04 PM", 21),
        ("21:04 AM", 21),
        ("11:04 ночи", 23),
        ("2:04 ночи", 2),
        ("1:04 中午", 13),
        ("9:04 Uhr", 9),
        ("11:04 in the morning", 11),
        ("3:04 in the afternoon", 15),
        ("11:04 at night", 23),
    ],
)
def test_odd_hours_are_read_as_they_can_only_be_meant(printed_time, hour):
    assert read_stamp(f"14.03.2022, {printed_time}").clock.at.hour == hour


def test_a_half_of_the_day_that_is_not_known_is_said():
    clock = read_stamp("14.03.2022, 9:05 zz").clock
    assert (clock.at.hour, clock.half) == (9, "zz")
    assert "'zz' is not known" in clock.warning


@pytest.mark.parametrize(
    "text", ["", "x", "14.03, 21:05", "32.13.2022, 21:05", "14.03.2022, 24:05", "1.1.1400, 9:00"]
)
def test_what_is_no_date_with_a_time_is_none(text):
    assert read_stamp(text) is None


@given(text=st.text(alphabet="0123/.:, -PAM٣年R h", max_size=24))
def test_no_text_fails(text):
    stamp = read_stamp(text)
    assert stamp is None or all(stamp.at(order) for order in stamp.day.days)


def test_one_pasted_date_does_not_turn_the_order_of_the_others():
    lines = [
        "3/14/22, 9:05",
        "3/4/22, 9:05",
        "25/3/22, 9:05",
        "4/5/22, 9:05",
        "4/15/22, 9:05",
        "5/16/22, 9:05",
    ]
    assert [at.isoformat()[:10] for at in read_all(lines)] == [
        "2022-03-14",
        "2022-03-04",
        "2022-03-25",
        "2022-04-05",
        "2022-04-15",
        "2022-05-16",
    ]


def test_an_order_that_changed_for_good_is_followed():
    lines = ["3/14/22, 9:05", "3/15/22, 9:05", "16/3/22, 9:05", "4/5/22, 9:05", "17/5/22, 9:05"]
    assert [at.month for at in read_all(lines)] == [3, 3, 3, 5, 5]


@pytest.mark.parametrize("order", [DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST])
def test_what_a_person_says_decides_where_nothing_else_does(order):
    evidence = DateEvidence()
    stamp = read_stamp("3/4/22, 21:05")
    evidence.add(stamp, 0)
    assert evidence.orders(None, ()).undecided
    assert evidence.orders(order, ()).at(stamp, 0) == order
