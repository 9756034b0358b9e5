"""Whatever is sent, the answer is one of ours: never a stack trace, never a wait, never more than allowed."""

import base64
import json
from urllib.parse import quote

import pytest
from api_routes import ADDRESSES, DESCRIPTION, GETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problem import assert_problem

NUMBERS = [
    "0",
    "-1",
    "1",
    "2147483648",
    str(2**63 - 1),
    str(2**63),
    "9" * 40,
    "1e9",
    "NaN",
    "0x10",
    "٣",
    "1.0",
]
TEXTS = [
    "",
    " ",
    "a\0b",
    "\0",
    "%",
    "_",
    "'",
    '"',
    "' OR 1=1 --",
    "../x",
    "null",
    "ż" * 600,
    "\u202e",
    "🂡",
    "\n",
]
QUERIES = [
    "(",
    ")",
    "-",
    "*",
    '"',
    "from:",
    "from:\0",
    "before:0000-01-01",
    "after:99999",
    "OR",
    "a OR",
    "-(a OR b)",
    "status:x",
    "(" * 500,
    "a " * 900,
    "NEAR(a b)",
    "a* b*",
    "has:",
    "in:",
    "to:%",
]
CURSORS = [
    base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    for value in (
        ["2026-01-01T00:00:00+00:00", "\ud800"],
        ["0001-01-01T00:00:00+23:59", "1"],
        ["9999-12-31T23:59:59-23:59", "1"],
        ["2026-01-01T00:00:00", "1"],
        ["2026-01-01T00:00:00+00:00", 10**400],
        {"2026-01-01T00:00:00+00:00": 1, "b": 2},
        [[[[]]], None],
        ["2026-W01-1", "a\0"],
    )
]
NASTY = st.sampled_from(NUMBERS + TEXTS + QUERIES + CURSORS) | st.text(max_size=30) | st.integers().map(str)
ANSWERS = {200, 400, 404, 409, 422}


def assert_ours(answer) -> None:
    assert answer.status_code in ANSWERS, answer.text
    if answer.status_code != 200:
        assert_problem(answer, answer.status_code)


def sendable(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("path", GETS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_no_value_of_a_parameter_breaks_a_route(served, path, data):
    known = ADDRESSES[path](served.seeded).partition("?")[0].split("/")
    parameters = DESCRIPTION["paths"][path]["get"].get("parameters", [])
    in_path = {
        one["name"]: data.draw(NASTY)
        for one in parameters
        if one["in"] == "path" and data.draw(st.booleans())
    }
    parts = [
        sendable(in_path[part[1:-1]]) if part[1:-1] in in_path else known[place]
        for place, part in enumerate(path.split("/"))
    ]
    query = "&".join(
        f"{one['name']}={sendable(data.draw(NASTY))}"
        for one in parameters
        if one["in"] == "query" and (one["required"] or data.draw(st.booleans()))
    )
    assert_ours(served.admin.get(f"{'/'.join(parts)}?{query}"))


@pytest.mark.parametrize("path", [path for path in GETS if "{" in path])
def test_no_id_of_any_size_breaks_a_route(served, path):
    for value in [*NUMBERS, *TEXTS]:
        parts = [sendable(value) if part.startswith("{") else part for part in path.split("/")]
        answer = served.admin.get("/".join(parts))
        assert_ours(answer)
        if not path.startswith(("/ledger", "/imports", "/people", "/sources")):
            assert answer.status_code in {404, 422}, value


@pytest.mark.parametrize("query", [*QUERIES, *TEXTS])
def test_no_search_breaks_and_a_wrong_one_is_explained(served, query):
    for client in (served.admin, served.igor, served.nobody):
        answer = client.get(f"/search?q={sendable(query)}")
        assert_ours(answer)
        if answer.status_code == 400:
            assert len(answer.json()["detail"]) > 20


@pytest.mark.parametrize("old", ["-1", "0", "9" * 40, str(2**63), "x", "1000000"])
def test_a_consistency_proof_of_what_never_was_is_refused(served, old):
    answer = served.admin.get(f"/ledger/consistency?old={old}")
    assert answer.status_code in {409, 422}
    assert_problem(answer, answer.status_code)


def test_a_question_without_its_parameter_names_it(served):
    for address, field in (("/search", "query.q"), ("/ledger/consistency", "query.old")):
        problem = assert_problem(served.admin.get(address), 422)
        assert [one["field"] for one in problem["errors"]] == [field]
