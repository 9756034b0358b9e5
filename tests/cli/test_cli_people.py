"""People on the command line: listed, made one, and taken apart again."""

import json

import pytest
from command import assert_refused

MAIL = """\
From: Игорь Самойлов <igor@home.example>
To: Olga Levina <olga@agency.example>
Date: Tue, 10 Mar 2026 10:00:00 +0100
Message-ID: <home-1@mail.example>
Subject: From home
Content-Type: text/plain; charset=utf-8

A note from home.
"""


@pytest.fixture
def people(run_here, data, tmp_path):
    """Return the people of an archive in which Igor writes from home as well, by their addresses."""
    (tmp_path / "home.eml").write_text(MAIL, "utf-8")
    assert run_here("ingest", tmp_path / "home.eml", "--data", data).code == 0

    def load(*wanted: str) -> dict[str, int]:
        ended = run_here("people", "list", *wanted, "--data", data, "--json")
        found = json.loads(ended.out)["people"]
        return {address["value"]: one["id"] for one in found for address in one["addresses"]}

    return load


def test_who_may_be_one_is_told_made_so_and_taken_back(run_here, data, people):
    before = people()
    kept, merged = before["igor@clinic.example"], before["igor@home.example"]
    told = run_here("people", "suggestions", "--data", data).out
    assert "may be one person: same name: Igor Samoilov = Игорь Самойлов" in told
    assert f"scripta people merge {kept} {merged}" in told
    done = json.loads(run_here("people", "merge", kept, merged, "--data", data, "--json").out)
    assert people() == before | {"igor@home.example": kept}
    ended = run_here("people", "undo", done["merge"], "--data", data)
    assert ended.out == f"Игорь Самойлов is person {merged} again.\n"
    assert people() == before
    assert run_here("people", "distinct", kept, merged, "--data", data).code == 0
    assert "Nobody here looks like" in run_here("people", "suggestions", "--data", data).out


def test_people_are_listed_with_what_they_are_called_and_where(run_here, data, people):
    assert set(people("clinic.example")) == {"igor@clinic.example"}
    assert people("--side", "client") == {}
    number = people()["igor@home.example"]
    run_here("people", "name", number, "Igor S.", "--data", data)
    line = next(
        line for line in run_here("people", "list", "--data", data).out.splitlines() if "Igor S." in line
    )
    assert line.split() == [
        str(number),
        "Igor",
        "S.",
        "(other):",
        "mail",
        "igor@home.example;",
        "1",
        "messages",
    ]


def test_an_address_is_parted(run_here, data, people):
    before = people()
    kept, merged = before["igor@clinic.example"], before["igor@home.example"]
    done = json.loads(run_here("people", "merge", kept, merged, "--data", data, "--json").out)
    (address,) = done["addresses"]
    alone = json.loads(run_here("people", "part", address, "--data", data, "--json").out)["person"]
    assert people()["igor@home.example"] == alone not in before.values()


def test_sides_that_differ_are_asked(run_here, data, people):
    before = people()
    run_here("side", "agency", "@home.example", "--data", data)
    run_here("side", "client", "@clinic.example", "--data", data)
    pair = before["igor@clinic.example"], before["igor@home.example"]
    assert_refused(run_here("people", "merge", *pair, "--data", data), "say which side holds")
    assert run_here("people", "merge", *pair, "--side", "client", "--data", data).code == 0
    assert len(people("--side", "client")) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("merge", "1", "1"), "name two people"),
        (("merge", "1", "999"), "no person 999"),
        (("undo", "999"), "no merge 999"),
        (("part", "1"), "cannot be parted"),
        (("name", "1", " "), "needs a name"),
    ],
)
def test_what_cannot_be_done_is_refused(run_here, data, arguments, why):
    assert_refused(run_here("people", *arguments, "--data", data), why)
