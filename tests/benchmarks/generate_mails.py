"""Write a maildir of mails that look like an agency's: same bytes for the same seed. Out: files under `cur/`.

    python tests/benchmarks/generate_mails.py FOLDER --count 20000

Sentences come from the annotated conversations in nlp_models/corpus, so that words are spread as in real
talk; a third of the mails are replies with the quoted text below.
"""

import argparse
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "nlp_models" / "corpus"
FIRST = datetime(2023, 1, 2, 9, tzinfo=UTC)
ENCODINGS = (("utf-8", "base64"), ("utf-8", "quoted-printable"), ("utf-8", "8bit"))
TEAM = ("olga", "timur", "kasia", "dan", "ewa")


def sentences() -> dict[str, list[str]]:
    """Return the texts of the annotated conversations by language."""
    found: dict[str, list[str]] = {}
    for file in sorted(CORPUS.rglob("*.json")):
        conversation = json.loads(file.read_text("utf-8"))
        texts = [message["text"].strip() for message in conversation["messages"] if message.get("text")]
        found.setdefault(conversation["language"], []).extend(texts)
    return found


def generate(folder: Path, count: int, seed: int = 20261121) -> int:
    """Write `count` mails into a maildir and return their bytes."""
    random_source = random.Random(seed)
    texts = sentences()
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    earlier: list[tuple[str, str, str]] = []
    size = 0
    for number in range(count):
        language = random_source.choice(sorted(texts))
        body = "\n\n".join(random_source.choices(texts[language], k=random_source.randint(3, 22)))
        answered = random_source.choice(earlier[-400:]) if earlier and random_source.random() < 0.33 else None
        mail = _mail(random_source, number, body, texts[language], answered)
        earlier.append((mail["Message-ID"], mail["Subject"], body))
        data = mail.as_bytes()
        (folder / "cur" / f"{number:07d}.M1P1.bench:2,S").write_bytes(data)
        size += len(data)
    return size


def _mail(
    random_source: random.Random,
    number: int,
    body: str,
    texts: Sequence[str],
    answered: tuple[str, str, str] | None,
) -> EmailMessage:
    client = f"client{random_source.randint(1, 40)}@firm{random_source.randint(1, 25)}.example"
    ours = f"{random_source.choice(TEAM)}@kreska.example"
    sender, receiver = (ours, client) if random_source.random() < 0.5 else (client, ours)
    sent_at = FIRST + timedelta(minutes=73 * number, seconds=random_source.randint(0, 59))
    mail = EmailMessage()
    mail["Received"] = (
        f"from mx{number % 7}.example ([192.0.2.{number % 250}]) by mail.kreska.example with ESMTPS id "
        f"{random_source.getrandbits(64):016x}; {format_datetime(sent_at + timedelta(seconds=4))}"
    )
    mail["From"], mail["To"] = sender, receiver
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = f"<{number}.{random_source.getrandbits(48):012x}@{sender.partition('@')[2]}>"
    mail["MIME-Version"] = "1.0"
    if answered is None:
        mail["Subject"] = random_source.choice(texts)[:60].replace("\n", " ")
    else:
        mail["Subject"] = f"Re: {answered[1].removeprefix('Re: ')}"
        mail["In-Reply-To"] = mail["References"] = answered[0]
        body += "\n\nOn Monday they wrote:\n" + "\n".join(f"> {line}" for line in answered[2].splitlines())
    charset, encoding = random_source.choice(ENCODINGS)
    mail.set_content(body + "\n\n-- \nStudio Kreska, +48 22 000 00 00\n", charset=charset, cte=encoding)
    return mail


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    options = parser.parse_args()
    total = generate(options.folder, options.count)
    print(f"{options.count} mails, {total / options.count:.0f} bytes each")
