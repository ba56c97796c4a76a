"""The way of a browser to the provider and back."""

START, BACK, LOGOUT = "/agent/sso/acme/", "/agent/sso/acme/back/", "/agent/sso/acme/logout/"


def go(client, idp, query: str = "") -> str:
    """Where the provider sends the browser back to."""
    answer = client.get(f"{START}{query}")
    assert answer.status_code == 302, answer.content
    assert answer.url.startswith(f"{idp.issuer}/authorize?")
    back = idp.authorize(answer.url)
    assert back.startswith(f"http://testserver{BACK}?")
    return back.removeprefix("http://testserver")


def sign_in(client, idp, query: str = ""):
    return client.get(go(client, idp, query))


def refused(answer) -> str:
    assert answer.status_code == 403, answer.status_code
    return answer.content.decode()
