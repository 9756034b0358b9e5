"""The API's own description: it changes only on purpose, and what it says is true."""

import json
import re
from pathlib import Path

import pytest
from api_routes import ADDRESSES, DESCRIPTION, GETS, ROUTES

GOLDEN = Path(__file__).parent / "openapi.json"
SCHEMAS = DESCRIPTION["components"]["schemas"]
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def test_the_description_changes_only_on_purpose(request):
    written = json.dumps(DESCRIPTION, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(written, "utf-8")
    assert GOLDEN.read_text("utf-8") == written, "run: pytest tests/api --update-golden, then review the diff"


def test_every_reference_leads_somewhere():
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DESCRIPTION)))
    assert names <= set(SCHEMAS)
    assert {"Problem", "WrongField"} <= names


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_says_what_it_does_asks_for_a_token_and_knows_problems(method, path):
    operation = DESCRIPTION["paths"][path][method]
    assert operation["description"].rstrip().endswith((".", "`."))
    assert operation["security"] == [{"HTTPBearer": []}]
    for status, answer in operation["responses"].items():
        if not status.startswith("2"):
            assert list(answer["content"]) == ["application/problem+json"]


def examples() -> list[tuple[str, dict, object]]:
    """Return every example of a field or a parameter with what it is an example of."""
    found = []
    for name, schema in SCHEMAS.items():
        for field, about in schema.get("properties", {}).items():
            found += [(f"{name}.{field}", about, example) for example in about.get("examples", ())]
    for path, operations in DESCRIPTION["paths"].items():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                about = one["schema"]
                found += [(f"{path}?{one['name']}", about, example) for example in about.get("examples", ())]
    return found


def test_there_are_examples():
    assert len(examples()) > 15


@pytest.mark.parametrize(("name", "about", "example"), examples(), ids=lambda value: str(value)[:40])
def test_an_example_is_of_the_type_that_it_is_an_example_of(name, about, example):
    assert_fits(example, about, name)


@pytest.mark.parametrize("path", GETS)
def test_an_answer_is_as_described(served, path):
    content = DESCRIPTION["paths"][path]["get"]["responses"]["200"].get("content", {})
    answer = served.admin.get(ADDRESSES[path](served.seeded))
    if "application/json" in content and content["application/json"]["schema"]:
        assert_fits(answer.json(), content["application/json"]["schema"], path)


def assert_fits(value: object, schema: dict, place: str) -> None:
    """Check a value against the part of JSON Schema that FastAPI writes."""
    if "$ref" in schema:
        return assert_fits(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], place)
    if "anyOf" in schema:
        assert any(fits(value, one, place) for one in schema["anyOf"]), f"{place}: {value!r}"
        return None
    if "enum" in schema:
        assert value in schema["enum"], f"{place}: {value!r}"
    expected = TYPES[schema["type"]]
    assert isinstance(value, expected), f"{place}: {value!r} is no {schema['type']}"
    assert not (schema["type"] == "integer" and isinstance(value, bool))
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= set(value) <= set(schema["properties"]), place
        for name, one in value.items():
            assert_fits(one, schema["properties"][name], f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for one in value:
            assert_fits(one, schema["items"], f"{place}[]")
    return None


def fits(value: object, schema: dict, place: str) -> bool:
    try:
        assert_fits(value, schema, place)
    except AssertionError:
        return False
    return True
