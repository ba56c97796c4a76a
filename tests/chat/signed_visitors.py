"""What an enterprise's site does: it signs who is there, and its widget exchanges that."""

import base64
import json
import re
import time

from django.test import Client
from django.utils import timezone

from accounts.models import Enterprise, Team
from chat.posting.items import Draft
from chat.protocol.introduction import Introduction
from chat.sockets import hello
from chat.visitors import cookies as visitors
from chat.visitors import identities

from .helpers import JSON, ORIGIN, Guest, new_id

WANG = {"name": "Wang", "email": "w@example.com"}
"""A person of the site, with the id 7."""
EXCHANGE = "/chat/acme/identity/"


def signed(enterprise: Enterprise, who, padding=False, **facts) -> str:
    """A token as the examples of docs/widget.md make it."""
    facts = {"id": who, "exp": int(time.time()) + 3600, **facts}
    payload = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
    payload = payload if padding else payload.rstrip("=")
    return f"{payload}.{identities.sign(payload, enterprise.identity_secret)}"


def exchange(browser: Client, token: str, ent_id="acme"):
    headers = {"Origin": ORIGIN}
    return browser.post(f"/chat/{ent_id}/identity/", {"user": token}, headers=headers)


def person_page(browser: Client, ent_id="acme") -> str:
    """Who the chat page says that this browser is."""
    page = browser.get(f"/chat/{ent_id}/").content.decode()
    return re.search(r'data-me="([^"]+)"', page)[1]


def texts(browser: Client, query="") -> list[str]:
    """What was said in the conversation of this browser."""
    told = browser.get(f"/chat/acme/messages/{query}", **JSON).json()["messages"]
    return [message["content"] for message in told if message["kind"] == "message"]


class SessionGuest(Guest):
    """A browser with a session, on the team's page."""

    @property
    def uuid(self) -> str:
        return self.known().uuid

    @property
    def cookie(self) -> str:
        return f"{identities.cookie_name(self.enterprise)}={self.token}"

    def known(self) -> visitors.Guest | None:
        """Who the server takes them for."""
        cookies = {identities.cookie_name(self.enterprise): self.token}
        return visitors.identify_guest(cookies, self.enterprise)

    def draft(self, content="你好", client_id=None, group=None) -> Draft:
        guest = self.known()
        opening = hello.VisitorContext(self.enterprise, self.team, guest, "en").opening(
            Introduction()
        )
        client_id = client_id or new_id()
        return Draft(guest.uuid, guest.name, "", client_id, content, None, opening=opening)


def session_guest(enterprise: Enterprise, team: Team, who: str, **facts) -> SessionGuest:
    """Somebody who has exchanged a token."""
    now = timezone.now()
    person, secret = identities.verify_token(signed(enterprise, who, **facts), enterprise, now)
    known = identities.find_visitor(enterprise, person)
    session = identities.new_sign_in(person, secret, now, known and known.uuid)
    return SessionGuest(enterprise, team, identities.pack(session, enterprise))


def sign_in(guest: Guest) -> Client:
    browser = guest.browser()
    answer = exchange(browser, signed(guest.enterprise, "7", **WANG))
    assert json.loads(answer.content)["changed"] is True
    return browser
