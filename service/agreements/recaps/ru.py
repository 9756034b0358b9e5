"""Recaps in Russian."""

from service.agreements.agreement import VerbalKind
from service.agreements.wording import Wording

RECAP = Wording(
    language="ru",
    subject="Подтвердите, пожалуйста: {title}",
    greeting="Здравствуйте!",
    after={
        VerbalKind.CALL: "Спасибо за звонок {day}. Чтобы договорённость осталась на письме, фиксирую:",
        VerbalKind.VOICE: "Спасибо за голосовое сообщение от {day}. Фиксирую письменно, как понято:",
        VerbalKind.MEETING: "Спасибо за встречу {day}. Чтобы договорённости остались на письме, фиксирую:",
        VerbalKind.MENTION: (
            "Чтобы устная договорённость, о которой шла речь {day}, осталась на письме, фиксирую:"
        ),
    },
    written="Чтобы всё было в одном месте, фиксирую условия:",
    nothing_known="(впишите, пожалуйста, о чём договорились)",
    due="срок: {day}",
    question="Всё верно? Ответьте, пожалуйста, «да, согласовано» или поправьте, если что-то понято не так.",
    closing="Спасибо!",
    untitled="наш разговор",
    dates="%d.%m.%Y",
)
