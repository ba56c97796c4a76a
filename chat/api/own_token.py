"""What a token is: for a program that wants to know what it may do before it tries."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accounts import rights
from chat.views.common import json_response

from . import schemas
from .door import ANY, named

router = Router(tags=["token"])


@router.get(
    "",
    auth=ANY,
    response={200: schemas.OwnToken, **schemas.ERRORS},
    **named("token", "get_token", "Read what this token is"),
)
def own_token(request: HttpRequest) -> HttpResponse:
    token = request.token
    member = token.member
    return json_response(
        {
            "name": token.name,
            "member": member.uuid,
            "account": member.name,
            "bot": member.role == rights.BOT,
            "enterprise": member.enterprise.code,
            "enterprise_name": member.enterprise.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        }
    )
