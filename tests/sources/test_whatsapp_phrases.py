"""What WhatsApp writes by itself is known in the languages of our users, however it is spelled."""

import unicodedata

import pytest

from service.sources.whatsapp_phrases import (
    attached_name,
    edited_at_end,
    exact_phrase,
    omitted_name,
    phrase_of,
    telling_phrase,
)

FIXED = """
media
  <Media omitted>
  <Без медиафайлов>
  <Файл пропущен>
  <Pominięto multimedia>
  <pliki pominięto>
  <Medien ausgeschlossen>
  <Medien weggelassen>
image
  image omitted
  изображение отсутствует
  obraz pominięty
  Bild weggelassen
  product image omitted
  изображение товара отсутствует
  zdjęcie produktu zostało pominięte
  Produktbild ausgelassen
  зображення відсутнє
  画像は含まれていません
  imagem não revelada
video
  video omitted
  видео отсутствует
  wideo pominięte
  Video weggelassen
  відео відсутнє
audio
  audio omitted
  аудиофайл отсутствует
  audio pominięte
  Audio weggelassen
  ไม่มีไฟล์เสียง
  bỏ qua tệp âm thanh
  ficheiro de áudio não revelado
  zvukový soubor vynechán
document
  document omitted
  документ отсутствует
  dokument pominięty
  Dokument weggelassen
gif
  GIF omitted
  GIF отсутствует
  Plik GIF pominięty
  GIF weggelassen
sticker
  sticker omitted
  стикер не добавлен
  pominięto naklejkę
  Sticker weggelassen
contact
  Contact card omitted
  Карточка контакта отсутствует
  Pominięta wizytówka kontaktu
  Kontaktkarte ausgelassen
deleted
  This message was deleted.
  Данное сообщение удалено.
  Ta wiadomość została usunięta.
  Diese Nachricht wurde gelöscht.
  You deleted this message
  You deleted this message.
  Вы удалили данное сообщение.
  Вы удалили это сообщение
  Usunąłeś(-ęłaś) tę wiadomość.
  Du hast diese Nachricht gelöscht
  This message was deleted by an admin.
  Данное сообщение удалено админом.
  Tę wiadomość usunął administrator.
  You deleted this message as admin
  Вы как админ удалили данное сообщение
  Usunąłeś(-ęłaś) tę wiadomość jako administrator
  Du hast diese Nachricht als Admin gelöscht.
  คุณได้ลบข้อความนี้
  このメッセージは削除されました。
  Tin nhắn này đã bị xóa.
missed
  Missed voice call
  Пропущенный аудиозвонок
  Nieodebrane poł. głosowe
  Nieodebrane połączenie
  Nieodebrane połączenie głosowe
  Verpasster Sprachanruf
  Missed video call
  Пропущенный видеозвонок
  Nieodebrane poł. wideo
  Verpasster Videoanruf
  Missed group voice call
  Пропущенный групповой видеозвонок
  Nieodebrane grup. poł. głosowe
  Nieodebrane grupowe poł. wideo
  Verpasster Gruppen-Sprachanruf
  Verpasster Gruppen-Videoanruf
  Пропущений аудіодзвінок
  Zmeškaný videohovor
  Missed voice call. Tap to call back
waiting
  Waiting for this message. This may take a while.
  Ожидание сообщения. Это может занять некоторое время.
  Oczekiwanie na tę wiadomość. To może chwilę potrwać.
  Warte auf diese Nachricht. Das kann einen Moment dauern.
"""
NAMED = """
deleted
  This message was deleted by admin Anna.
  Данное сообщение удалено админом (Анна).
  Tę wiadomość usunął administrator Anna.
  Diese Nachricht wurde von Admin Anna gelöscht.
  Diese Nachricht wurde von einem*einer Admin gelöscht.
started
  Anna started a call
  Anna started a video call
  Анна начал(-а) звонок
  Анна начал(-а) видеозвонок
  Anna rozpoczął(-ęła) połączenie wideo
  Anna hat einen Anruf gestartet.
  Anna hat einen Videoanruf gestartet.
service
  Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read.
  Messages and calls are end-to-end encrypted. Only people in this chat can read or listen to them.
  Сообщения и звонки защищены сквозным шифрованием. Третьи лица не могут их прочитать. Подробнее.
  Wiadomości i połączenia są w pełni zaszyfrowane. Nikt spoza czatu, nawet WhatsApp, ich nie odczyta.
  Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand kann sie lesen.
  Anna created group "Launch"
  Анна создал(-а) группу "Запуск"
  Вы создали группу «Запуск»
  Anna utworzyła grupę „Start”
  Utworzyłeś(-aś) grupę
  Anna hat die Gruppe „Start" erstellt.
  Anna added Bob
  You added Bob
  Bob was added
  Анна добавил(-а) Боба
  Вы добавили контакт Боб
  Анна добавила Боба
  Боб добавлен(-а)
  Anna dodała użytkownika Bob
  Dodano do grupy: Bob
  Anna hat Bob hinzugefügt.
  Bob wurde hinzugefügt.
  Anna left
  Анна покинул(-а) группу
  Anna opuściła grupę
  Anna hat die Gruppe verlassen.
  Anna removed Bob
  Bob was removed
  Анна удалил(-а) Боба
  Anna usunęła Boba
  Usunięto z grupy: Bob
  Anna hat Bob entfernt.
  Anna joined using this group's invite link
  Anna joined using this group’s invite link
  Анна вступила в группу, используя приглашение
  Anna dołączyła do grupy, używając linku
  Anna ist der Gruppe mit dem Einladungslink beigetreten.
  Anna changed the subject to "Plan: B"
  Анна изменил(-а) тему на «План»
  Anna zmieniła temat na „Plan”
  Anna hat den Betreff zu "Plan" geändert.
  Anna changed the group description
  Анна изменила описание группы
  Zmieniono opis grupy
  Anna hat die Gruppenbeschreibung geändert.
  Anna changed this group's icon
  Анна изменил(-а) картинку группы
  Anna zmieniła ikonę tej grupy
  Anna hat das Gruppenbild geändert.
  You're now an admin
  Теперь вы админ
  Jesteś teraz administratorem grupy
  Du bist jetzt ein*e Admin.
  Your security code with Anna changed. Tap to learn more.
  Anna changed their phone number
  Ваш код безопасности с контактом Анна изменился. Подробнее.
  Анна сменил(-а) номер телефона.
  Twój kod zabezpieczeń z użytkownikiem Anna zmienił się
  Anna zmieniła numer telefonu
  Deine Sicherheitsnummer für Anna hat sich geändert
  Anna hat die Telefonnummer geändert
  Anna turned on disappearing messages.
  Анна включил(-а) исчезающие сообщения.
  Anna wyłączyła znikające wiadomości.
  Anna hat selbstlöschende Nachrichten deaktiviert.
  You updated the message timer. New messages will disappear from this chat 24 hours after.
  Anna pinned a message
  Анна закрепил(-а) сообщение
  Anna przypięła wiadomość
  Anna joined from the community
  This chat is with a business account. Tap to learn more.
  Anna turned on admin approval to join this group. Tap to change.
  Anna is a contact
  Код безпеки з контактом Elon змінився.
  Elonとのセキュリティコードが変更されました。
"""


def cases(table: str):
    """Yield each phrase of a table with the meaning above it."""
    meaning = ""
    for line in table.strip().splitlines():
        if line.startswith(" "):
            yield pytest.param(meaning, line.strip(), id=f"{meaning}-{line.strip()[:40]}")
        else:
            meaning = line


@pytest.mark.parametrize(("meaning", "text"), list(cases(FIXED)))
def test_a_fixed_phrase_is_known_however_it_is_written(meaning, text):
    spellings = [text, text.removesuffix("."), f"\u200e{text}", text.upper(), text.replace(" ", "\u00a0")]
    spellings += [unicodedata.normalize("NFD", text), f" {text} "]
    assert {exact_phrase(spelling).meaning for spelling in spellings} == {meaning}


@pytest.mark.parametrize(("meaning", "text"), list(cases(NAMED)))
def test_a_phrase_with_names_is_known(meaning, text):
    assert phrase_of(text).meaning == meaning
    assert phrase_of(f"\u200e{text}").meaning == meaning


@pytest.mark.parametrize(
    "text",
    [
        "Bob left",
        "We added a button",
        "Voice call at five?",
        "Waiting for this message to arrive, then we start",
        "I changed the subject to be clear",
        "Анна добавила правки",
        "удалил лишнее",
        "Anna usunęła stary baner",
        "This message was deleted by mistake, sorry",
    ],
)
def test_what_people_say_is_no_phrase_of_whatsapp(text):
    assert exact_phrase(text) is None
    assert telling_phrase(text, behind_name=True) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("IMG-1.jpg (file attached)", "IMG-1.jpg"),
        ("Договор №5.pdf (файл добавлен)", "Договор №5.pdf"),
        ("Umowa (1).pdf (załączony plik)", "Umowa (1).pdf"),
        ("Angebot.pdf (Datei angehängt)", "Angebot.pdf"),
        ("Nabídka.pdf (soubor byl přiložen)", "Nabídka.pdf"),
        (
            "\u200e<attached: 00000035-PHOTO-2022-03-27-21-41-55.jpg>",
            "00000035-PHOTO-2022-03-27-21-41-55.jpg",
        ),
        ("<прикреплено: Смета.xlsx>", "Смета.xlsx"),
        ("<załączono: Umowa.pdf>", "Umowa.pdf"),
        ("<Anhang: Angebot.pdf>", "Angebot.pdf"),
        ("<添付ファイル: 00000001-見積.pdf>", "00000001-見積.pdf"),
        ("<mots inconnus : 00000001-devis.pdf>", "00000001-devis.pdf"),
        ("IMG-20250303-WA0001.jpg (слова невідомої мови)", "IMG-20250303-WA0001.jpg"),
    ],
)
def test_the_name_of_an_attached_file_is_found(line, name):
    assert attached_name(line) == name


@pytest.mark.parametrize("line", ["see a.pdf (attached)", "<https://example.org>", "plan (draft)", "a > b"])
def test_other_brackets_attach_nothing(line):
    assert attached_name(line) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Some file.txt document omitted", "Some file.txt"),
        ("Offer.pdf • 2 pages document omitted", "Offer.pdf"),
        ("Смета.xlsx • \u200e2 страницы \u200eдокумент отсутствует", "Смета.xlsx"),
        ("見積.pdf • ページ数: 2 ドキュメントは含まれていません", "見積.pdf"),
        ("a.pdf • 2 หน้า ละเว้นเอกสาร", "a.pdf"),
        ("the document omitted", None),
        ("a.pdf", None),
    ],
)
def test_the_name_of_a_file_that_was_left_out_is_found(line, name):
    assert omitted_name(line) == name


@pytest.mark.parametrize(
    "mark",
    [
        "<This message was edited>",
        "<This message was edited.>",
        "\u200e<Сообщение изменено>",
        "<Ta wiadomość została zmieniona>",
        "<Diese Nachricht wurde bearbeitet.>",
    ],
)
def test_the_mark_of_an_edited_message_is_found_at_its_end(mark):
    assert edited_at_end(f"до пятницы {mark}") == len("до пятницы")
    assert edited_at_end(f"{mark} is what it says") is None
