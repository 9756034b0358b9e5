"""A page of a list."""

from typing import Generic, TypeVar

from pydantic import BaseModel

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some items of a list, and where the next ones begin."""

    items: list[Item]
    next_cursor: str | None = None
    """null on the last page."""
