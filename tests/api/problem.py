"""The shape of every error of the API."""

import httpx


def assert_problem(answer: httpx.Response, status: int) -> dict:
    """Assert that an answer is a problem (RFC 9457) and return it.

    HTTP/1.1 422 Unprocessable Content
    Content-Type: application/problem+json

    {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "Some parameters are wrong.",
        "errors": [{"field": "query.limit", "why": "Input should be less than or equal to 200"}]
    }

    `errors` is there only where fields are wrong. `detail` is a sentence for people.
    """
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in problem["detail"]
    for error in problem.get("errors", ()):
        assert set(error) == {"field", "why"}
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    return problem
