"""钉钉 (DingTalk): OAuth 2 with the corporation that somebody chose. What the person's own token
says of them is their private account; who they are in the corporation the app asks."""

from collections.abc import Mapping

from accounts.models import Provider

from . import vendors
from .sent import Sent

CODE = "authCode"
LOGIN, API = "https://login.dingtalk.com", "https://api.dingtalk.com"
OLD_API = "https://oapi.dingtalk.com"
STAFF = 0
"""The `contact_type` of the corporation's own people."""


def address(provider: Provider, sent: Sent) -> str:
    return vendors.link(
        f"{LOGIN}/oauth2/auth",
        response_type="code",
        client_id=provider.client_id,
        redirect_uri=sent["back"],
        scope="openid corpid",
        corpId=provider.organisation,
        prompt="consent",
        state=sent["state"],
    )


def claims(provider: Provider, sent: Sent, code: str) -> Mapping:
    """Raises Refused."""
    app = {"clientId": provider.client_id, "clientSecret": vendors.secret_of(provider)}
    granted = vendors.ask(
        f"{API}/v1.0/oauth2/userAccessToken",
        body={**app, "code": code, "grantType": "authorization_code"},
    )
    if granted.get("corpId") != provider.organisation:
        raise vendors.of_another()
    mine = {"x-acs-dingtalk-access-token": vendors.needed(granted, "accessToken")}
    account = vendors.ask(f"{API}/v1.0/contact/users/me", headers=mine)
    subject = vendors.needed(account, "unionId")
    person = of_corporation(provider, subject)
    if person.get("active") is False:
        raise vendors.has_left()
    names = {"account": "userid", "email": "org_email", "departments": "dept_id_list"}
    return vendors.claims(provider, subject, person, **names)


def of_corporation(provider: Provider, subject: str) -> Mapping:
    """Who somebody is in the corporation. Raises Refused for who is not of it."""
    app = {"appKey": provider.client_id, "appSecret": vendors.secret_of(provider)}
    answer = vendors.ask(f"{API}/v1.0/oauth2/accessToken", body=app)
    token = vendors.needed(answer, "accessToken")
    found = call("user/getbyunionid", token, unionid=subject)
    if found.get("contact_type") != STAFF:
        raise vendors.of_another()
    return call("v2/user/get", token, userid=vendors.needed(found, "userid"))


def call(what: str, token: str, **body) -> Mapping:
    place = vendors.link(f"{OLD_API}/topapi/{what}", access_token=token)
    result = vendors.ask(place, "errcode", body=body).get("result")
    return result if isinstance(result, Mapping) else {}
