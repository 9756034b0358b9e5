"""English deadlines, British and American. Patterns see folded text: lower case, no diacritics."""

from service.extraction import calendar
from service.extraction.deadline import Deadlines, Phrase

_NOT_VERB = "(?<!the )(?<!we )(?<!i )(?<!he )(?<!she )(?<!they )(?<!was )(?<!in )"
_WEEKDAYS = {
    r"mon(?:day|\.)?": 0,
    r"tue(?:s(?:day|\.)?|\.)?": 1,
    r"wed(?:s|nesday|\.)?": 2,
    r"thu(?:r(?:s(?:day|\.)?)?|\.)?": 3,
    r"fri(?:day|\.)?": 4,
    rf"saturday|{_NOT_VERB}sat\.?": 5,
    rf"sunday|{_NOT_VERB}sun\.?": 6,
}
_MONTHS = {
    r"jan(?:uary|\.)?": 1,
    r"feb(?:ruary|\.)?": 2,
    r"mar(?:ch|\.)?": 3,
    r"apr(?:il|\.)?": 4,
    "may": 5,
    r"june?\.?": 6,
    r"july?\.?": 7,
    r"aug(?:ust|\.)?": 8,
    r"sep(?:t(?:ember)?)?\.?": 9,
    r"oct(?:ober|\.)?": 10,
    r"nov(?:ember|\.)?": 11,
    r"dec(?:ember|\.)?": 12,
}
_COUNTS = {
    "an?|one": 1,
    "two|a couple(?: of)?": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
}
_HOURS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_DAYS = {
    **{ordinal: day for day, ordinal in enumerate(_ORDINALS, 1)},
    **{f"twenty[ -]{ordinal}": 20 + day for day, ordinal in enumerate(_ORDINALS[:9], 1)},
    "thirtieth": 30,
    "thirty[ -]first": 31,
}
_TH = "(?:st|nd|rd|th)"
_IN = "(?:in|within|inside|in the next|within the next|at the latest in|latest in)"
_END = r"(?:(?:the )?(?:very )?end(?:s)?(?: of)?|eo)"
_PART = r"(?:'s)?(?: (?:morning|afternoon|evening|night|lunch(?:time)?|dinnertime|eod|cob|noonish))?"
_DAY_ENDS = "(?:close of (?:business|play)|cob|eod|cop|end of(?: the)?(?: (?:business|working))? day)"
_EARLY_OR_LATE = rf"(?:{_DAY_ENDS},?(?: on)? )?(?:(?:first thing|early)(?: on)? )?"
_HOUR_ENDS = r"(?=\s*(?:$|[,;.!?)]|(?:on|to|your|today|tomorrow|tmrw)(?!\w)))"

DEADLINES = Deadlines(
    language="en",
    words={
        "weekday": _WEEKDAYS,
        "month": _MONTHS,
        "day": _DAYS,
        "count": _COUNTS,
        "hour": _HOURS,
        "minute": {"half(?: past)?": 30, "quarter past": 15},
        "noon": {"noon|midday": 12, "midnight": 24},
        "half": {
            r"a\.?m\.?|in the morning|o'clock": 0,
            r"p\.?m\.?|in the (?:afternoon|evening)|at night": 12,
        },
    },
    phrases=(
        Phrase(
            calendar.today,
            rf"(?:{_DAY_ENDS},? )?(?:today|tonight)(?:'s)?|this (?:morning|afternoon|evening)|later today",
            exact=1,
        ),
        Phrase(calendar.today, _DAY_ENDS),
        Phrase(
            calendar.today,
            "(?:by|before) (?:(?:you've had )?(?:your )?lunch(?:time)?|evening|the day is out|dinner|tea)",
        ),
        Phrase(
            calendar.days_on,
            rf"{_EARLY_OR_LATE}(?:tomorrow|tmrw|tmr|tomoz|2moro){_PART}",
            {"count": 1},
            1,
        ),
        Phrase(calendar.days_on, "(?:the )?day after tomorrow", {"count": 2}, 2),
        Phrase(
            calendar.weekday,
            rf"{_EARLY_OR_LATE}(?:(?:next|this|this coming|the coming|coming|the) )?<weekday>{_PART}",
            exact=1,
        ),
        Phrase(calendar.weekday_a_week_on, "a week (?:on )?<weekday>", exact=2),
        Phrase(calendar.weekday_a_week_on, "<weekday> week", exact=2),
        Phrase(calendar.weekday_of_next_week, "<weekday>,? (?:of )?next week", exact=2),
        Phrase(calendar.weekday_of_next_week, "next week,? (?:on )?<weekday>", exact=2),
        Phrase(calendar.weekday, "<weekday> next", exact=2),
        Phrase(
            calendar.this_week, rf"(?:{_END} ?(?:this |the )?|this |later this )week|eow|(?:the )?weekend"
        ),
        Phrase(
            calendar.next_week,
            rf"(?:(?:{_END}|(?:in )?the course of|some ?time|early|later) )?next week|end of next week",
        ),
        Phrase(
            calendar.weekend, "(?:over |at |during )(?:the |this )?weekend|this weekend|end of the weekend"
        ),
        Phrase(calendar.day_of_month, f"(?:the )?<day>{_TH}", exact=2),
        Phrase(
            calendar.day_of_month,
            f"(?:from )?(?:the )?<:day>{_TH}? ?(?:-|to|until|and) ?(?:the )?<day>{_TH}",
            exact=2,
        ),
        Phrase(
            calendar.day_of_month,
            f"(?:from )?<:day>{_TH}?(?: <:month>)? ?(?:-|to|until) ?<day>{_TH}? <month>",
            exact=3,
        ),
        Phrase(
            calendar.day_of_month, rf"(?:the )?<day>{_TH}?(?: of)? <month>(?:,? (?P<year>20\d\d))?", exact=3
        ),
        Phrase(calendar.day_of_month, rf"<month> (?:the )?<day>{_TH}?(?:,? (?P<year>20\d\d))?", exact=3),
        Phrase(calendar.numeric, "<first>/<second>(?:/<year>)?", {"either": 1}, 3),
        Phrase(calendar.numeric, r"<first>\.<second>\.<year>", exact=3),
        Phrase(calendar.numeric, r"(?P<year>\d{4})-<second>-<first>", exact=3),
        Phrase(calendar.days_on, rf"{_IN} <count> days?(?:'? time)?"),
        Phrase(calendar.days_on, "<count> days from (?:now|today)"),
        Phrase(calendar.hours_on, rf"{_IN} <count> ?(?:hours?|hrs?|h)(?:'? time)?"),
        Phrase(calendar.minutes_on, rf"{_IN} <count> ?min(?:ute)?s?(?:'? time)?"),
        Phrase(calendar.minutes_on, rf"{_IN} half an hour", {"count": 30}),
        Phrase(calendar.business_days_on, rf"{_IN} <count> (?:business|working|work) days?"),
        Phrase(calendar.weeks_on, rf"{_IN} <count> weeks?(?:'? time)?"),
        Phrase(calendar.weeks_on, "<count> weeks? from (?:now|today)"),
        Phrase(
            calendar.weeks_on, rf"(?:{_IN} )?a fortnight(?:'s time)?(?: from (?:now|today))?", {"count": 2}
        ),
        Phrase(calendar.months_on, rf"{_IN} <count> months?(?:'? time)?"),
        Phrase(calendar.end_of_month, rf"{_END} ?(?:(?:this|the) )?month|eom|the month is out|this month"),
        Phrase(calendar.end_of_month, rf"{_END} ?(?:of )?next month|next month", {"count": 1}),
        Phrase(calendar.end_of_month, f"{_END} <month>"),
        Phrase(calendar.middle_of_month, "(?:mid-?|mid |(?:the )?middle of )(?:month|the month|<month>)"),
        Phrase(calendar.end_of_quarter, f"{_END} ?(?:(?:this|the) )?quarter|eoq"),
        Phrase(calendar.end_of_year, f"{_END} ?(?:(?:this|the) )?year|eoy|year[ -]end"),
        Phrase(calendar.calendar_week, "(?:cw|kw|calendar week) ?<count>"),
        Phrase(calendar.day_of_month, "halloween", {"day": 31, "month": 10}),
        Phrase(calendar.day_of_month, "christmas(?: eve)?", {"day": 24, "month": 12}),
    ),
    clocks=(
        r"(?:(?:at|by|before|until|till|from|around|about|to) )?<hour>[:.]<minute>(?: ?<half>)?",
        r"(?:(?:at|by|before|until|till|from|around|about) )?<hour> ?<half>",
        rf"(?:at|by|before|until|till|around) <hour>{_HOUR_ENDS}",
        "(?:(?:at|by|before|until|till|around) )?<=minute> <hour>(?: ?<half>)?",
        "(?:(?:at|by|before|until|till) )?<noon>",
    ),
    by=(
        "by|until|till|til|before|no later than|not later than|latest(?: on| by| in)?|at the latest|due|"
        "deadline(?: is)?|in time for"
    ),
    on="on|at|for|this|in|over|the|come",
    never=(
        r"from|since|last|yesterday|every|each|version|v\.?|dated|starting|as of|effective|after|no\.|page|"
        "section|previous|past"
    ),
    instead="instead of|rather than|not(?: on| by)?|than",
    condition="if|once|when|unless|as soon as|provided|assuming|whether|should",
    joint="the|of|at|on|by|in|till|until|from|before|around|to|for|same|which is|i\\.e\\.",
    afternoon_until=6,
)
