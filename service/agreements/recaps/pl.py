"""Recaps in Polish."""

from service.agreements.agreement import VerbalKind
from service.agreements.wording import Wording

RECAP = Wording(
    language="pl",
    subject="Prośba o potwierdzenie: {title}",
    greeting="Dzień dobry,",
    after={
        VerbalKind.CALL: "dziękuję za rozmowę telefoniczną {day}. Dla porządku spisuję nasze ustalenia:",
        VerbalKind.VOICE: "dziękuję za wiadomość głosową z {day}. Dla porządku spisuję ją tak, jak rozumiem:",
        VerbalKind.MEETING: "dziękuję za spotkanie {day}. Dla porządku spisuję nasze ustalenia:",
        VerbalKind.MENTION: "dla porządku spisuję ustne ustalenia, o których była mowa {day}:",
    },
    written="dla porządku spisuję warunki w jednym miejscu:",
    nothing_known="(proszę wpisać, co ustalono)",
    due="termin: {day}",
    question=(
        "Czy wszystko się zgadza? Proszę o odpowiedź „tak, potwierdzam” albo o poprawkę, jeśli było inaczej."
    ),
    closing="Dziękuję!",
    untitled="nasza rozmowa",
    dates="%d.%m.%Y",
)
