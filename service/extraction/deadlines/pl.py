"""Polish deadlines. Patterns see folded text, as people write in chats: lower case, no diacritics."""

from service.extraction import calendar
from service.extraction.deadline import Deadlines, Phrase

_WEEKDAYS = {
    r"poniedzial(?:ek|ku|kiem|kowi)|pon\.?|pn\.?": 0,
    r"wtor(?:ek|ku|kiem|kowi)|wt\.?": 1,
    r"srod(?:a|y|e|zie)|srode|sr\.?": 2,
    r"czwart(?:ek|ku|kiem|kowi)|czw\.?": 3,
    r"piat(?:ek|ku|kiem|kowi)|pt\.?": 4,
    r"sobot(?:a|y|e)|sobocie|sob\.?": 5,
    r"niedziel(?:a|i|e)|niedz\.?": 6,
}
_MONTHS = {
    r"stycz(?:en|nia|niu|niem)|stycz?\.": 1,
    r"lut(?:y|ego|ym|emu)": 2,
    r"marz?e?c[auem]*|marc(?:a|u|em)": 3,
    r"kwie(?:cien|tnia|tniu|tniem)|kwiet?\.": 4,
    r"maj(?:a|u|em)?": 5,
    r"czerw(?:iec|ca|cu|cem)": 6,
    r"lip(?:iec|ca|cu|cem)": 7,
    r"sierp(?:ien|nia|niu|niem)|sierp\.": 8,
    r"wrze(?:sien|snia|sniu|sniem)|wrz\.": 9,
    r"pazdziernik(?:a|u|iem)?|pazdz?\.": 10,
    r"listopad(?:a|u|em|zie)?|list\.": 11,
    r"grud(?:zien|nia|niu|niem)|grud?\.": 12,
}
_ORDINALS = [
    "pierwsz",
    "drug",
    "trzeci",
    "czwart",
    "piat",
    "szost",
    "siodm",
    "osm",
    "dziewiat",
    "dziesiat",
    "jedenast",
    "dwunast",
    "trzynast",
    "czternast",
    "pietnast",
    "szesnast",
    "siedemnast",
    "osiemnast",
    "dziewietnast",
    "dwudziest",
]
_CASE = "(?:y|i|ego|iego|emu|ym|im)"
_DAYS = {
    **{stem + _CASE: day for day, stem in enumerate(_ORDINALS, 1)},
    **{f"dwudziest(?:ego|ym|y) {stem}{_CASE}": 20 + day for day, stem in enumerate(_ORDINALS[:9], 1)},
    "trzydziest(?:y|ego|emu|ym)": 30,
    "trzydziest(?:y|ego|ym) pierwsz(?:y|ego|ym)": 31,
}
_COUNTS = {
    "jeden|jednego|jedna": 1,
    "dwa|dwie|dwoch|pare": 2,
    "trzy|trzech": 3,
    "cztery|czterech": 4,
    "piec|pieciu": 5,
    "szesc|szesciu": 6,
    "siedem|siedmiu": 7,
    "osiem|osmiu": 8,
    "dziewiec|dziewieciu": 9,
    "dziesiec|dziesieciu": 10,
    "dwanascie|dwunastu": 12,
    "czternascie|czternastu": 14,
    "pietnascie|pietnastu": 15,
    "dwadziescia|dwudziestu": 20,
    "trzydziesci|trzydziestu": 30,
}
_HOURS = {
    "pierwsz(?:a|ej)": 1,
    "drug(?:a|iej)": 2,
    "trzeci(?:a|ej)": 3,
    "czwart(?:a|ej)": 4,
    "piat(?:a|ej)": 5,
    "szost(?:a|ej)": 6,
    "siodm(?:a|ej)": 7,
    "osm(?:a|ej)": 8,
    "dziewiat(?:a|ej)": 9,
    "dziesiat(?:a|ej)": 10,
    "jedenast(?:a|ej)": 11,
    "dwunast(?:a|ej)": 12,
    "trzynast(?:a|ej)": 13,
    "czternast(?:a|ej)": 14,
    "pietnast(?:a|ej)": 15,
    "szesnast(?:a|ej)": 16,
    "siedemnast(?:a|ej)": 17,
    "osiemnast(?:a|ej)": 18,
    "dwudziest(?:a|ej)": 20,
}
_TH = "(?:-?(?:go|ego|ty|tego|ym|szy))"
_IN = "(?:za|w ciagu|w przeciagu|w terminie(?: do)?|w ciagu najblizszych|w czasie)"
_END = "(?:konca|z koncem|koncem|koncowki|koniec|koncu)"
_THIS = "(?:tego|tym|ten|te|biezac(?:ego|ym|y)|najblizsz(?:ego|ym|y|a|ej))"
_NEXT = "(?:przyszl(?:ego|ym|y|a|ej)|nastepn(?:ego|ym|y|a|ej)|kolejn(?:ego|ym|y|a|ej))"
_AFTER = (
    r" (?:do|przed|po) (?:polnocy|obiadem|obiedzie|poludniem|poludniu|wieczora|rana|fajrantem|zamknieciem)"
)
_AT = r"(?:(?:o|do|na|przed|kolo|okolo|ok\.)(?: godz(?:iny|inie|\.)?)?)"
_HOUR = r"(?P<hour>[6-9]|1\d|2[0-3])"
_HOUR_ENDS = r"(?=\s*(?:$|[,;.!?)]|(?:rano|wieczor\w*|czasu|ma|macie|masz|bo|na|i|w|u)(?!\w)))"
_NO_UNIT = r"(?! ?(?:zl|pln|eur|proc|pkt|szt|osob|stron|lat|dni|tyg|mies|godz|min|rok|kilo|cm|m(?!\w)|\d))"
_WEEK = r"(?:tygodni[au]|tyg\.?)"

DEADLINES = Deadlines(
    language="pl",
    words={
        "weekday": _WEEKDAYS,
        "month": _MONTHS,
        "day": _DAYS,
        "count": _COUNTS,
        "hour": _HOURS,
        "noon": {"poludnie|poludnia": 12, "punkt polnoc": 24},
        "half": {"rano|nad ranem": 0, "wieczor(?:em)?|po poludniu": 12},
    },
    phrases=(
        Phrase(calendar.today, rf"(?:dzis|dzisiaj|dzisiejsz\w+)(?:{_AFTER})?", exact=1),
        Phrase(calendar.today, f"{_END} (?:dzisiejszego |roboczego )?dnia|eod|fajrantu"),
        Phrase(
            calendar.today,
            "(?:przed|do) (?:obiadem|obiadu|lunchem|lunchu|(?:drugim )?sniadaniem|polnocy|polnoca|wieczora)",
        ),
        Phrase(calendar.by_part_of_day, "(?:z )?rana|rano", {"hour": 10}),
        Phrase(calendar.by_part_of_day, "przed poludniem", {"hour": 12}),
        Phrase(calendar.by_part_of_day, "po poludniu|popoludniu", {"hour": 18}),
        Phrase(calendar.by_part_of_day, "wieczorem|wieczor", {"hour": 22}),
        Phrase(calendar.days_on, rf"(?:jutro|jutra|jutrzejsz\w+)(?:{_AFTER})?", {"count": 1}, 1),
        Phrase(calendar.days_on, "pojutrze|pojutrza", {"count": 2}, 1),
        Phrase(calendar.weekday, rf"(?:(?:{_NEXT}|{_THIS}) )?<weekday>(?:{_AFTER})?", exact=1),
        Phrase(calendar.weekday, "w nocy z <:weekday> na <weekday>", exact=1),
        Phrase(calendar.weekday_a_week_on, "<weekday>,? za tydzien", exact=2),
        Phrase(calendar.weekday_of_next_week, f"<weekday>,? (?:w )?{_NEXT} tygodni[au]", exact=2),
        Phrase(calendar.weekday_of_next_week, f"{_NEXT} tygodniu,? (?:we? )?<weekday>", exact=2),
        Phrase(
            calendar.this_week,
            rf"(?:{_END} )?{_THIS} {_WEEK}|{_END} {_WEEK}|(?:przed|do) weekend(?:em|u)",
        ),
        Phrase(calendar.next_week, rf"(?:(?:{_END}|ciagu) )?{_NEXT} (?:tygodni[au]|tyg\.?|tydzien)"),
        Phrase(calendar.weekend, f"(?:{_END} |{_THIS} )?weekend(?:u|zie)?"),
        Phrase(calendar.day_of_month, f"<day>{_TH}", exact=2),
        Phrase(calendar.day_of_month, "(?:do|na|dnia|najpozniej) <=day>", exact=2),
        Phrase(
            calendar.day_of_month,
            rf"<day>{_TH}?(?: dnia)? <month>(?: (?P<year>20\d\d)(?: ?r(?:oku|\.)?)?)?",
            exact=3,
        ),
        Phrase(
            calendar.day_of_month,
            f"(?:od )?<:day>{_TH}?(?: <:month>)? ?(?:-|do|i) ?<day>{_TH}? <month>",
            exact=3,
        ),
        Phrase(calendar.numeric, r"<first>\.<second>(?:\.<year>)?(?: ?r(?:oku|\.)?)?", exact=3),
        Phrase(calendar.numeric, "<first>/<second>/<year>", exact=3),
        Phrase(calendar.numeric, r"(?P<year>\d{4})-<second>-<first>", exact=3),
        Phrase(calendar.days_on, rf"{_IN} <count> dni"),
        Phrase(calendar.days_on, rf"{_IN} (?:dzien|dnia|doby|dobe)", {"count": 1}),
        Phrase(calendar.days_on, r"<count>-?dniowym terminie"),
        Phrase(calendar.business_days_on, rf"{_IN} <count> dni rob(?:oczych|\.)?"),
        Phrase(calendar.weeks_on, rf"{_IN} <count> tygodni\w*"),
        Phrase(calendar.weeks_on, rf"{_IN} (?:tydzien|tygodnia)", {"count": 1}),
        Phrase(calendar.days_on, rf"{_IN} (?:poltora|poltorej) tygodnia", {"count": 10}),
        Phrase(calendar.months_on, rf"{_IN} <count> miesi[ae]c[ey]"),
        Phrase(calendar.months_on, rf"{_IN} miesiaca?", {"count": 1}),
        Phrase(calendar.hours_on, rf"{_IN} <count> (?:godzin[ye]?|godz\.?|h)"),
        Phrase(calendar.hours_on, rf"{_IN} (?:godzin[eky]|godzinke)", {"count": 1}),
        Phrase(calendar.minutes_on, rf"{_IN} (?:pol godziny|pol godzinki)", {"count": 30}),
        Phrase(calendar.minutes_on, rf"{_IN} kwadrans", {"count": 15}),
        Phrase(calendar.minutes_on, rf"{_IN} <count> min(?:ut\w*|\.)?"),
        Phrase(calendar.end_of_month, f"{_END} (?:{_THIS} )?miesiaca|{_THIS} miesiacu"),
        Phrase(calendar.end_of_month, f"{_END} {_NEXT} miesiaca|{_NEXT} miesiacu", {"count": 1}),
        Phrase(calendar.end_of_month, f"{_END} <month>"),
        Phrase(calendar.middle_of_month, "(?:polowy|polowie) (?:miesiaca|<month>)"),
        Phrase(calendar.end_of_quarter, f"{_END} (?:{_THIS} )?kwartalu"),
        Phrase(calendar.end_of_year, f"{_END} (?:{_THIS} )?roku|przed nowym rokiem|do nowego roku"),
        Phrase(calendar.day_of_month, "mikolajki", {"day": 6, "month": 12}),
        Phrase(calendar.day_of_month, "przed swietami|do swiat", {"day": 24, "month": 12}),
    ),
    clocks=(
        "(?:(?:o|do|na|przed|kolo|okolo) )?(?:godz(?:iny|inie|\\.) )?<hour>[:.]<minute>(?: <half>)?",
        rf"{_AT} <=hour>(?: <half>|{_HOUR_ENDS})",
        rf"{_AT} {_HOUR}(?: <half>|{_HOUR_ENDS})",
        rf"(?:o|przed) {_HOUR}{_NO_UNIT}",
        rf"{_AT} <hour> <half>",
        "(?:(?:o|do|na|przed|kolo|okolo) )?godz(?:iny|inie|\\.)? <hour>",
        "(?:w|do|przed|na)? ?<noon>",
    ),
    by=(
        "do(?: dnia)?|najpozniej(?: do| w)?|nie pozniej niz(?: do)?|najdalej(?: do)?|przed|"
        "termin(?::| -)?|deadline"
    ),
    on="jeszcze|we?(?: dniu)?|na|za|o|okolo|dnia|w ciagu|w terminie|juz",
    never=(
        r"od|wczoraj|zeszl\w+|ubiegl\w+|poprzedni\w+|ostatni\w*|wersj\w+|kazd\w+|co|nr|pkt|str\.?|par\.|"
        r"poczawszy od|miniony\w*|po|z dnia|z dniem|z"
    ),
    instead="zamiast|a nie(?: na| do| w)?|niz",
    condition="jesli|jezeli|jak|gdy|gdyby|kiedy|jak tylko|o ile|pod warunkiem,? ze|skoro",
    joint="z|o|do|na|przed|kolo|okolo|po|czyli|dokladnie|to jest|tj\\.|rowniez|i|juz|w|od",
)
