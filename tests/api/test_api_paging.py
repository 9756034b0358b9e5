"""Pages follow each other without a gap or a repeat, and the last one says that it is."""

import pytest
from api_routes import DESCRIPTION, GETS
from problem import assert_problem

PAGED = [
    path
    for path in GETS
    if "cursor" in {one["name"] for one in DESCRIPTION["paths"][path]["get"].get("parameters", ())}
]
QUERIES = {"/search": "q=the"}


def address(served, path: str, **parameters: object) -> str:
    talk = served.seeded.conversations["Booking form"]
    rest = "&".join([QUERIES.get(path, "")] + [f"{name}={value}" for name, value in parameters.items()])
    return f"{path.format(conversation_id=talk)}?{rest}"


@pytest.mark.parametrize("path", PAGED)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_together_are_the_whole_list(served, path, limit):
    whole = served.admin.get(address(served, path, limit=200)).json()
    assert whole["next_cursor"] is None
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        more = {} if cursor is None else {"cursor": cursor}
        page = served.admin.get(address(served, path, limit=limit, **more)).json()
        assert len(page["items"]) <= limit
        found, cursor, pages = found + page["items"], page["next_cursor"], pages + 1
    assert found == whole["items"]
    assert pages == max(1, -(-len(found) // limit)), "no page is empty, and the last one knows it is the last"


@pytest.mark.parametrize("path", PAGED)
def test_a_page_of_an_impossible_size_is_refused(served, path):
    for limit in ("0", "-1", "201", "1.5", "x", "", "9" * 40):
        problem = assert_problem(served.admin.get(address(served, path, limit=limit)), 422)
        assert problem["errors"][0]["field"] == "query.limit"


@pytest.mark.parametrize("path", PAGED)
def test_a_cursor_that_was_not_given_out_is_refused(served, path):
    for cursor in ("x", "-1", "!!!", "bnVsbA", "W10", "WzEsMl0", "9" * 30, "%00", "💥"):
        problem = assert_problem(served.admin.get(address(served, path, cursor=cursor)), 400)
        assert "leave it out to start anew" in problem["detail"]


@pytest.mark.parametrize("path", PAGED)
def test_a_cursor_is_no_way_around_the_grants(served, path):
    page = served.admin.get(address(served, path, limit=1)).json()
    if page["next_cursor"] is None:
        return
    answer = served.nobody.get(address(served, path, cursor=page["next_cursor"]))
    assert answer.status_code in {403, 404} or answer.json()["items"] == []


def test_the_conversations_own_messages_come_in_order_of_time(served):
    found = served.admin.get(address(served, "/conversations/{conversation_id}/messages")).json()["items"]
    assert len(found) == 2
    assert [one["sent_at"] for one in found] == sorted(one["sent_at"] for one in found)
