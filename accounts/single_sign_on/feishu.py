"""飞书 (Feishu) and Lark: OAuth 2 with PKCE. The app then asks in its own corporation who that is;
there somebody of another one is not found."""

from collections.abc import Mapping
from urllib.parse import quote

from accounts.models import Provider

from . import vendors
from .sent import Sent, challenge

CODE = "code"
FEISHU, LARK = "feishu.cn", "larksuite.com"
"""What `issuer` may be: the domain of one of both."""
LOGIN, API = "https://accounts.{}/open-apis", "https://open.{}/open-apis"


def address(provider: Provider, sent: Sent) -> str:
    return vendors.link(
        f"{LOGIN.format(provider.issuer)}/authen/v1/authorize",
        response_type="code",
        client_id=provider.client_id,
        redirect_uri=sent["back"],
        state=sent["state"],
        code_challenge=challenge(sent["verifier"]),
        code_challenge_method="S256",
    )


def claims(provider: Provider, sent: Sent, code: str) -> Mapping:
    """Raises Refused."""
    form = {
        "grant_type": "authorization_code",
        "client_id": provider.client_id,
        "client_secret": vendors.secret_of(provider),
        "code": code,
        "redirect_uri": sent["back"],
        "code_verifier": sent["verifier"],
    }
    granted = call(provider, "authen/v2/oauth/token", body=form)
    mine = call(provider, "authen/v1/user_info", vendors.needed(granted, "access_token"))
    subject = vendors.needed(mine.get("data"), "open_id")
    person = of_corporation(provider, subject)
    state = person.get("status")
    gone = ("is_frozen", "is_resigned", "is_exited")
    if isinstance(state, Mapping) and any(state.get(name) for name in gone):
        raise vendors.has_left()
    names = {"account": "user_id", "email": "enterprise_email", "departments": "department_ids"}
    return vendors.claims(provider, subject, person, **names)


def of_corporation(provider: Provider, subject: str) -> Mapping:
    """Who somebody is in the app's corporation. Raises Refused for who is not of it."""
    app = {"app_id": provider.client_id, "app_secret": vendors.secret_of(provider)}
    answer = call(provider, "auth/v3/tenant_access_token/internal", body=app)
    token = vendors.needed(answer, "tenant_access_token")
    query = {"user_id_type": "open_id", "department_id_type": "department_id"}
    place = vendors.link(f"contact/v3/users/{quote(subject, safe='')}", **query)
    found = call(provider, place, token).get("data")
    person = found.get("user") if isinstance(found, Mapping) else None
    if not isinstance(person, Mapping):
        raise vendors.of_another()
    return person


def call(provider: Provider, what: str, token: str = "", **more) -> Mapping:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return vendors.ask(f"{API.format(provider.issuer)}/{what}", "code", headers=headers, **more)
