import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import SignInRefused
from service.sources.oauth.tokens import Tokens, needs_refresh

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKENS = Tokens("access-hidden", "refresh-hidden", NOON, NOON + timedelta(days=90), "mail")
times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]))


@given(
    st.builds(
        Tokens,
        access=st.text(),
        refresh=st.text(),
        expires_at=times,
        refresh_expires_at=st.none() | times,
        scope=st.text(),
        refresh_ends=st.booleans(),
        public=st.booleans(),
    )
)
def test_what_is_kept_comes_back(tokens):
    assert Tokens.from_json(tokens.to_json()) == tokens


def test_tokens_are_not_shown():
    assert "hidden" not in repr(TOKENS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hidden",
        "[]",
        "{}",
        "7",
        TOKENS.to_json()[:-9],
        json.dumps({**json.loads(TOKENS.to_json()), "expires_at": "2026-11-21T12:00:00"}),
        json.dumps({**json.loads(TOKENS.to_json()), "expires_at": 7}),
        json.dumps({**json.loads(TOKENS.to_json()), "more": "hidden"}),
    ],
)
def test_what_was_kept_otherwise_asks_to_sign_in_again_and_shows_nothing(text):
    with pytest.raises(SignInRefused, match="sign in again") as refused:
        Tokens.from_json(text)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("left", "needed"),
    [
        (timedelta(hours=1), False),
        (timedelta(minutes=5, microseconds=1), False),
        (timedelta(minutes=5), True),
        (timedelta(), True),
        (-timedelta(days=9), True),
    ],
)
def test_tokens_are_renewed_before_they_end(left, needed):
    elsewhere = (NOON - left).astimezone(timezone(timedelta(hours=9)))
    assert needs_refresh(TOKENS, elsewhere) is needed


def test_the_slack_is_the_callers():
    assert needs_refresh(TOKENS, NOON - timedelta(minutes=30), slack=timedelta(hours=1))
