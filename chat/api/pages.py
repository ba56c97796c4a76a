"""Where the pages of a list begin: cursors that belong to the list and to the enterprise."""

from typing import Any

from ninja import Schema
from pydantic import field_validator
from pydantic_core import PydanticUseDefault

from accounts.models import AccessToken
from chat.protocol import cursors


class PageQuery(Schema):
    """The query of a list, in which these parameters may stand without a value."""

    @field_validator("team", "cursor", "limit", mode="before", check_fields=False)
    @classmethod
    def value_or_default(cls, value: Any) -> Any:
        if value == "":
            raise PydanticUseDefault
        return value


def cursor(token: AccessToken, of: str, *place: int | str) -> str:
    """The cursor behind this place of the list `of`."""
    return cursors.write([token.member.enterprise_id, of, *place])


def place(text: str | None, token: AccessToken, of: str, *kinds: type) -> list | None:
    """The place, of these kinds, that a cursor of the list `of` names; None without one. Refuses
    what is no cursor of it, or one of another enterprise."""
    found = cursors.parse(text)
    if found is None:
        return None
    enterprise, own, *parts = cursors.checked(found, int, str, *kinds)
    if (enterprise, own) != (token.member.enterprise_id, of):
        raise cursors.wrong()
    return parts
