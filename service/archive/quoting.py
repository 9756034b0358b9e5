r"""Tell the author's own words in a mail from quotes, forwarded text, signatures and disclaimers.

In: the text of a message. Out: character ranges that the author wrote for this message.
Never: changes the text; takes a name alone for a signature.

Reads what Gmail, Outlook, Apple Mail, Thunderbird, Yandex, Mail.ru, The Bat, K-9, WP, O2, Onet and Interia
write in Russian, Polish and English. What follows an attribution ("On ... wrote:") is quoted: its `>` lines
where it has such, else everything to the end. Answers between quoted lines stay own.

>>> own_spans("Agreed.\n\nOn Mon, 3 Feb 2025, Tom wrote:\n> Shall we?\n")
[(0, 7)]
"""

import re
from collections.abc import Iterator

_LINE = re.compile(
    r"""[ \t]{0,3}(?:
      (?P<quote> (?-i:[A-ZА-ЯЁ]{0,3})> )
    | (?P<dashes> (?:-[ ])?--[ \t]*$ )
    | (?P<armour> -----(?:BEGIN|END)[ ]PGP[ ](?:SIGNED[ ]MESSAGE|MESSAGE|SIGNATURE)-----[ \t]*$ )
    | (?P<cut>
          -{2,}[ ]?(?: (?:Original|Forwarded|Reply)[ ]message
            | (?:Исходное|Пересылаемое|Перенаправленное|Пересланное)[ ]сообщение
            | Начало[ ]переадресованного[ ]сообщения
            | (?:Oryginalna|Przekazana)[ ]wiadomość | Wiadomość[ ](?:oryginalna|przekazana)
            | Treść[ ]przekazanej[ ]wiadomości )[ ]?-{2,}
        | (?: Begin[ ]forwarded[ ]message | Początek[ ]przekazywanej[ ]wiadomości
            | Начало[ ](?:переадресованного|пересылаемого)[ ]сообщения ):
        | _{20,}[ \t]*$ | -{16,}[ \t]*$ )
    | (?P<head> \*?(?: From|От|Od|Von|Кому )\*?[ ]?:\*?[ \t] )
    | (?P<wrote>
          (?: On|Am|W[ ]dniu|Dnia|Вы[ ]писали|Wiadomość[ ]napisana[ ]przez )[ ]
        | \d{1,4}[./ -]
        | (?: пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье
            | pon|wt|śr|czw|pt|sob|niedz|mon|tue|wed|thu|fri|sat|sun )[.,] )
    | (?P<signoff>
          (?: С[ ]уважением|С[ ]наилучшими[ ]пожеланиями|Искренне[ ]Ваш[аи]?|Всего[ ]доброго
            | (?:Serdecznie[ ])?Pozdrawiam(?:y)?(?:[ ]serdecznie)?|Pozdrowienia|Z[ ]pozdrowieniami
            | Łączę[ ](?:pozdrowienia|wyrazy[ ]szacunku)|Z[ ](?:poważaniem|wyrazami[ ]szacunku)
            | (?:Best|Kind|Warm)(?:est)?[ ]regards|Regards|Best[ ]wishes|(?:Yours[ ])?Sincerely
            | (?:Mit[ ](?:freundlichen|besten)|Freundliche|Viele|Beste|Liebe)[ ]Gr(?:ü|ue)(?:ß|ss)en?
            | Yours[ ](?:faithfully|truly)|(?:Many[ ])?Thanks(?=,)|Thank[ ]you(?=,)|Cheers(?=,)|Best(?=,) )
          [ ,.!\t–-]*
          (?: (?-i: [A-ZŁŻŚĆА-ЯЁ«"(]) [\w.'"«»()-]* [ ,.]* ){0,6} $ )
    | (?P<device>
          (?: Отправлено|Послано )[ ](?:с|со|из)[ ] .{1,60}$
        | Sent[ ](?:from[ ](?:my[ ]|Mail|Outlook|Yahoo|AOL|the)|with[ ]Proton|via[ ]) .{0,60}$
        | Wysłan[oe][ ](?:z[ ]|za[ ]pomocą[ ]) .{1,60}$
        | (?:Gesendet|Von[ ]meinem)[ ](?:von|mit|iPhone|iPad) .{0,60}$
        | Get[ ]Outlook[ ]for[ ] .{1,20}$ | (?:Pobierz|Uzyskaj)[ ]aplikację[ ]Outlook .{0,30}$
        | (?:Скачать|Получить)[ ]Outlook[ ]для[ ] .{1,20}$ )
    | (?P<banner>
          (?: CAUTION|WARNING|EXTERNAL|ВНИМАНИЕ|ОСТОРОЖНО|UWAGA|ACHTUNG )\b .{0,60}
          (?: (?:originated|received|sent|came)[ ]from[ ](?:outside|an[ ]external) | external[ ]sender
            | (?:внешнего|внешний)[ ](?:отправител|адрес|источник) | извне[ ]организации
            | spoza[ ] | nadawc[ay][ ]zewnętrzn | externe[nr]?[ ]Absender ) )
    | (?P<disclaimer>
          (?: This|The)[ ](?:e-?mail|message|communication|information)[ ]
            [^.]{0,100}(?:confidential|intended|privileged)
        | CONFIDENTIAL(?:ITY)?[ ]NOTICE
        | (?: Настоящее|Данное|Это)[ ](?:электронное[ ])?(?:сообщение|письмо)[ ]
            [^.]{0,100}(?:конфиденциальн|предназначен)
        | Информация,[ ]содержащаяся[ ]в[ ] .{0,80}(?:сообщении|письме)
        | (?: Spółka[ ]z|Z)arejestrowan[ay][ ]w[ ]Sądzie | Registered[ ]in[ ](?:England|Ireland|Scotland)
        | (?: Ta|Niniejsza|Treść[ ](?:tej|niniejszej))[ ]wiadomoś[^.]{0,100}(?:poufn|przeznaczon|adresat)
        | Informacje[ ]zawarte[ ]w[ ](?:tej|niniejszej)[ ]wiadomości
        | Administratorem[ ] .{0,40}danych[ ]osobowych[ ]jest
        | Please[ ]consider[ ]the[ ]environment | Pomyśl[ ]o[ ]środowisku
        | (?:Пожалуйста,[ ])?(?:Подумайте|Задумайтесь)[ ]об?[ ](?:природе|окружающей) )
    | (?P<postscript> P\.?[ ]?S\b|З\.?[ ]?Ы\b )
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_DATE = r"(?: \d{4} | \d{1,2}[./]\d{1,2}[./]\d{2,4} | \d{1,2}:\d\d )"
_ATTRIBUTION = re.compile(
    rf"""\s*(?:
      (?=.*{_DATE}) .{{0,300}} \b(?: wrote|writes|пишет|писал[аи]?|написал(?:\(а\)|а)?
        |pisze|napisał(?:\(a\)|a)? ) \s?:
    | (?=.*\d{{1,2}}:\d\d) .{{0,250}} <?\s?[^\s<>]+@[^\s<>]+> \s?:
    | Am\ (?=.*{_DATE}) .{{0,100}} \ schrieb\ .{{0,200}}:
    | Wiadomość\ napisana\ przez\ .{{0,200}} \ w\ dniu\ .{{0,80}}:
    | Вы\ писали\ .{{0,80}}\d{{4}}.{{0,30}}:
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_RULE = re.compile(r"[ \t]*[-–—_=*~]{2,}[ \t]*$")
_FINISHED = re.compile(r"(?:^|[!?:;]|(?<!г)\.)\s*$")
_ATTRIBUTION_LINES = 3
_HEADER_FIELD = re.compile(
    r"""[ \t]*\*?(?:
      (?P<author> От|From|Od|Von )
    | (?P<time> Отправлено|Послано|Sent|Date|Дата|Data|Wysłan[oe]|Gesendet|Datum )
    | (?P<reader> Кому|To|Do|An )
    | (?P<subject> Тема|Subject|Temat|Betreff )
    | Копия|Cc|DW|UDW|Reply-To|Importance|Важность|Ważność
    )\*?[ ]?:""",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTE_MARK = re.compile(r"[ \t]{0,3}[A-ZА-ЯЁ]{0,3}>")
_LONGEST_SIGNATURE = 15
_LIST_FOOTER = "mailing list"


def own_spans(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the text that are its author's own, in order, without blank lines around them."""
    lines = text.split("\n")
    kinds = [found.lastgroup if line and (found := _LINE.match(line)) else None for line in lines]
    own = _Reading(lines, kinds).own if any(kinds) else [True] * len(lines)
    return list(_ranges(lines, own))


def _ranges(lines: list[str], own: list[bool]) -> Iterator[tuple[int, int]]:
    """Join neighbouring own lines, blank ones between them included, to character ranges."""
    start = end = -1
    place = 0
    for line, is_own in zip(lines, own, strict=True):
        written = line.strip()
        if written and is_own:
            start = place if start < 0 else start
            end = place + len(line.rstrip())
        elif written and start >= 0:
            yield start, end
            start = -1
        place += len(line) + 1
    if start >= 0:
        yield start, end


class _Reading:
    """One pass over the lines: each block that is not the author's is found, and struck out."""

    def __init__(self, lines: list[str], kinds: list[str | None]) -> None:
        self.lines = lines
        self.own = [True] * len(lines)
        self.kinds = kinds
        self.borders = self._borders()
        self.next_border = self._next_borders()
        place = 0
        while place < len(lines):
            place = self._step(place)

    def _borders(self) -> dict[int, int]:
        """Return where a quoted mail is introduced: first line and the line after the introduction."""
        borders = {}
        for place, kind in enumerate(self.kinds):
            if kind in {"cut", "head", "wrote"}:
                end = self._introduction_end(place, kind)
                if end > place:
                    borders[place] = end
        return borders

    def _next_borders(self) -> list[int]:
        """Return for each line the next one that ends a signature: a quoted mail, a quote, a postscript."""
        border, borders = len(self.lines), []
        for place in range(len(self.lines) - 1, -1, -1):
            borders.append(border)
            if place in self.borders or self.kinds[place] in {"quote", "postscript", "armour"}:
                border = place
        return borders[::-1]

    def _introduction_end(self, place: int, kind: str) -> int:
        """Return the line after the introduction that starts here; `place` itself where it is none."""
        if kind == "wrote":
            return self._attribution_end(place)
        end = self._after_header(place + (kind == "cut"))
        rule = self.lines[place].strip("_- \t") == ""
        if kind == "head" or (kind == "cut" and rule):
            first = place + (kind == "cut")
            fields = {
                found.lastgroup for line in self.lines[first:end] if (found := _HEADER_FIELD.match(line))
            }
            footer = rule and _LIST_FOOTER in " ".join(self.lines[first : first + 2]).lower()
            return end if len(fields - {None}) >= 3 - rule or footer else place
        return end

    def _attribution_end(self, place: int) -> int:
        """Join up to three lines, since programs wrap attributions; a finished sentence is none of it."""
        for end in range(place + 1, min(place + _ATTRIBUTION_LINES, len(self.lines)) + 1):
            if _ATTRIBUTION.match(" ".join(self.lines[place:end])):
                return end
            if _FINISHED.search(self.lines[end - 1]):
                break
        return place

    def _after_header(self, place: int) -> int:
        """Skip a printed header: its fields, blank lines between them and what one of them wraps."""
        end = place
        for line in range(place, min(place + 16, len(self.lines))):
            if _HEADER_FIELD.match(self.lines[line]):
                end = line + 1
            elif self.lines[line].strip() and line > end + 1:
                break
        return end

    def _step(self, place: int) -> int:
        """Judge the line; return the next one to judge."""
        kind = self.kinds[place]
        if kind in {"quote", "banner"}:
            self.own[place] = False
        elif kind == "device":
            self._strike(place, place + 1)
        elif kind == "armour":
            return self._strike(place, self._armour_end(place))
        elif place in self.borders:
            return self._strike_quoted_mail(place)
        elif kind in {"dashes", "signoff", "disclaimer"}:
            return max(self._strike(place, self._signature_end(place, kind)), place + 1)
        return place + 1

    def _armour_end(self, place: int) -> int:
        """Return the line after PGP's armour (RFC 9580, 6.2 and 7): around clear text only its own header."""
        if "SIGNED" in self.lines[place]:
            blank = (line for line in range(place + 1, len(self.lines)) if not self.lines[line].strip())
            return next(blank, place + 1)
        ends = (line for line in range(place, len(self.lines)) if "-----END PGP" in self.lines[line])
        return next(ends, len(self.lines) - 1) + 1

    def _strike(self, start: int, end: int) -> int:
        while end > start > 0 and self.own[start - 1] and _RULE.match(self.lines[start - 1]):
            start -= 1
        self.own[start:end] = [False] * (end - start)
        return end

    def _strike_quoted_mail(self, place: int) -> int:
        """Strike an introduction; what follows is quoted by `>`, introduced again, or quoted to the end."""
        end = self.borders[place]
        follows = next((line for line in range(end, len(self.lines)) if self.lines[line].strip()), None)
        if follows is None:
            return self._strike(place, len(self.lines))
        if _QUOTE_MARK.match(self.lines[follows]) or follows in self.borders:
            return self._strike(place, follows)
        return self._strike(place, len(self.lines))

    def _signature_end(self, place: int, kind: str) -> int:
        """Return the line after a signature or disclaimer; `place` itself where it is none."""
        border = self.next_border[place]
        if kind == "disclaimer":
            return border
        written = (line for line in range(place + 1, border) if self.lines[line].strip())
        for count, line in enumerate(written):
            if count == _LONGEST_SIGNATURE:
                return place if kind == "dashes" else line
            if kind == "signoff" and self.kinds[line] == "disclaimer":
                return border
            if kind == "signoff" and self.kinds[line] is None and _is_prose(self.lines[line]):
                return line
        return border


def _is_prose(line: str) -> bool:
    """Say whether a line after a sign-off is a sentence, and not a name, a post or an address."""
    words = line.split()
    return len(words) >= 12 or (len(words) >= 5 and words[-1].endswith((".", "!", "?")))
