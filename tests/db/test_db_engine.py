"""Opening a database by its address."""

import pytest

from service.db.engine import open_database
from service.errors import ConfigError


@pytest.mark.parametrize("url", ["postgresql//u:geheim@h/db", "postgresql://u:geheim@h:port/db"])
def test_an_address_that_cannot_be_read_is_refused_and_its_password_not_repeated(url):
    with pytest.raises(ConfigError, match="SCRIPTA_DATABASE_URL") as refused:
        open_database(url)
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None
