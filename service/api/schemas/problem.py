"""Errors on the wire (RFC 9457)."""

from pydantic import BaseModel, Field


class WrongField(BaseModel):
    """A parameter that is not as it should be."""

    field: str = Field(examples=["query.limit"])
    why: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(BaseModel):
    """Why a request was refused; sent as `application/problem+json`."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no message 7 that you may see."])
    errors: list[WrongField] | None = Field(
        default=None, description="The fields that are wrong, where there are such."
    )
