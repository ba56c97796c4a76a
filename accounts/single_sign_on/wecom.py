"""企业微信 (WeCom): a page with a QR code, then a code that the app's token tells the member of. It
has neither nonce nor PKCE."""

from collections.abc import Mapping

from accounts.models import Provider

from . import vendors
from .sent import Sent

CODE = "code"
LOGIN, API = "https://login.work.weixin.qq.com", "https://qyapi.weixin.qq.com"
GONE = (2, 5)
"""The states `disabled` and `left`."""


def address(provider: Provider, sent: Sent) -> str:
    return vendors.link(
        f"{LOGIN}/wwlogin/sso/login",
        login_type="CorpApp",
        appid=provider.organisation,
        agentid=provider.client_id,
        redirect_uri=sent["back"],
        state=sent["state"],
    )


def claims(provider: Provider, sent: Sent, code: str) -> Mapping:
    """Raises Refused."""
    secret = {"corpid": provider.organisation, "corpsecret": vendors.secret_of(provider)}
    token = vendors.needed(call("gettoken", **secret), "access_token")
    found = call("auth/getuserinfo", access_token=token, code=code)
    account = vendors.text(found, "userid")
    if not account:
        # Only an `openid`: somebody who does not belong to the corporation.
        raise vendors.of_another()
    person = call("user/get", access_token=token, userid=account)
    if person.get("status") in GONE:
        raise vendors.has_left()
    names = {"account": "userid", "email": "biz_mail", "departments": "department"}
    return vendors.claims(provider, account, person, **names)


def call(what: str, **query) -> Mapping:
    return vendors.ask(vendors.link(f"{API}/cgi-bin/{what}", **query), "errcode")
