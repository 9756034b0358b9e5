"""Times written out in a language are read in every language of the table, and never guessed."""

import json
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

import pytest
from babel import Locale
from babel.dates import format_date, format_time
from hypothesis import given
from hypothesis import strategies as st

from service.sources.written_times import written_time

TABLE = json.loads(files("service.sources").joinpath("written_times.json").read_text(encoding="utf-8"))
LANGUAGES = [*TABLE["months"], "ja", "ko", "zh", "zh_Hant", "en_GB", "en_AU", "es_MX", "fr_CA", "pt_PT"]


def printed(at: datetime, language: str) -> str:
    """Return a time as programs that follow Unicode CLDR print it."""
    pattern = Locale.parse(language).datetime_formats["full"].replace("'", "")
    return pattern.format(
        f"{format_time(at, 'medium', locale=language)} UTC", format_date(at, "full", locale=language)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_and_half_of_a_day_is_read(language):
    times = [
        datetime(2025, month, month + 1, hour, 5, 7, tzinfo=UTC)
        for month in range(1, 13)
        for hour in (0, 9, 12, 21)
    ]
    assert [written_time(printed(at, language)) for at in times] == times


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Monday, March 3, 2025 at 9:05:07 AM UTC", datetime(2025, 3, 3, 9, 5, 7, tzinfo=UTC)),
        ("Monday, March 3, 2025 at 12:05:07\u202fAM UTC", datetime(2025, 3, 3, 0, 5, 7, tzinfo=UTC)),
        ("Monday, March 3, 2025 at 17:13:43 UTC", datetime(2025, 3, 3, 17, 13, 43, tzinfo=UTC)),
        ("2015. február 15., vasárnap 21:54:36 UTC", datetime(2015, 2, 15, 21, 54, 36, tzinfo=UTC)),
        ("poniedziałek, 3 listopada 2025 09:05:07 UTC", datetime(2025, 11, 3, 9, 5, 7, tzinfo=UTC)),
        ("ponedjeljak, 3. listopada 2025. 09:05:07 UTC", datetime(2025, 10, 3, 9, 5, 7, tzinfo=UTC)),
        ("3 mars 2025 à 10:00:00 GMT+2", datetime(2025, 3, 3, 10, 0, tzinfo=timezone(timedelta(hours=2)))),
        ("2 фев 2020 в 22:46:22", datetime.fromisoformat("2020-02-02T22:46:22")),
        ("5 мая 2023 в 0:30:00", datetime.fromisoformat("2023-05-05T00:30:00")),
        ("at 7:15:40 pm on 3 Nov 2014", datetime.fromisoformat("2014-11-03T19:15:40")),
        ("2 лют 2020 о 22:46:22", datetime.fromisoformat("2020-02-02T22:46:22")),
        ("2 lut 2020 o 22:46:22", datetime.fromisoformat("2020-02-02T22:46:22")),
        ("2025-03-03T10:00:00Z", datetime(2025, 3, 3, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_time_of_google_or_vk_is_read(text, at):
    found = written_time(text)
    assert found == at
    assert found.utcoffset() == at.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "03.04.2025 10:00:00",
        "3/4/2025, 10:00 AM UTC",
        "Dydd Llun, 3 Mawrth 2025 09:05:07 UTC",
        "Monday, March 3, 2025",
        "March 35, 2025 10:00 UTC",
        "March 3, 2025 10:61 UTC",
        "March 3, 2025 to March 3, 2026 10:00 UTC",
        "March 3, 2025 10:00:00 UTC" * 10,
    ],
)
def test_what_is_not_clear_is_no_time(text):
    assert written_time(text) is None


@given(st.text() | st.text(alphabet="0123456789: .,marchUTCG+-пм年月日時pa"))
def test_no_text_raises(text):
    assert written_time(text) is None or isinstance(written_time(text), datetime)
