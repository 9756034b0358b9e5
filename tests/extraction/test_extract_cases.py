"""Minimal pairs: one phenomenon a line in `cases/<language>.jsonl`.

`before` and `text` begin with the side that speaks (`a:` agency, `c:` client); `expect` is the act of `text`
with its flags, or nothing.
"""

import json
from pathlib import Path

import pytest

from service.extraction.conversation_json import conversation_from_json
from service.extraction.extract import extract

CASES = [
    pytest.param(file.stem, json.loads(line), id=f"{file.stem}-{json.loads(line)['case'].replace(' ', '-')}")
    for file in sorted((Path(__file__).parent / "cases").glob("??.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("language", "case"), CASES)
def test_an_utterance_does_what_people_say_it_does(language, case):
    said = [
        dict(zip(("author", "text"), case[key].split(": ", 1), strict=True)) for key in ("before", "text")
    ]
    found = extract(
        conversation_from_json(
            {
                "id": "case",
                "language": language,
                "channel": "telegram",
                "participants": [{"id": "a", "side": "agency"}, {"id": "c", "side": "client"}],
                "messages": [
                    {"id": f"m{place}", "sent_at": f"2026-03-02T10:0{place}:00+01:00", **each}
                    for place, each in enumerate(said)
                ],
            }
        )
    )

    acts = {
        "+".join([each.kind.value, *(flag for flag in ("conditional", "verbal") if getattr(each, flag))])
        for each in found
        if each.message == "m1"
    }
    assert acts == ({case["expect"]} if case["expect"] else set())
