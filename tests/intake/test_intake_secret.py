"""Secrets are sealed with a key that is not in the database."""

import stat

import pytest

from service.errors import ConfigError
from service.intake.secret import KEY_FILE, Vault


def test_a_secret_comes_back_and_does_not_show(tmp_path):
    vault = Vault(tmp_path / "data")
    sealed = vault.seal("пароль śćż")
    assert Vault(tmp_path / "data").open(sealed) == "пароль śćż"
    assert "пароль".encode() not in sealed
    assert sealed != vault.seal("пароль śćż")


def test_only_the_owner_may_read_the_key(tmp_path):
    Vault(tmp_path).seal("x")
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_another_key_a_lost_key_and_a_broken_key_are_told(tmp_path):
    sealed = Vault(tmp_path / "a").seal("x")
    Vault(tmp_path / "b").seal("x")
    with pytest.raises(ConfigError, match="does not open"):
        Vault(tmp_path / "b").open(sealed)
    with pytest.raises(ConfigError, match="Restore it from your backup"):
        Vault(tmp_path / "c").open(sealed)
    (tmp_path / "a" / KEY_FILE).write_bytes(b"short")
    with pytest.raises(ConfigError, match="cannot be read"):
        Vault(tmp_path / "a").open(sealed)


def test_opening_never_begins_a_key(tmp_path):
    with pytest.raises(ConfigError):
        Vault(tmp_path).open(b"x")
    assert list(tmp_path.iterdir()) == []
