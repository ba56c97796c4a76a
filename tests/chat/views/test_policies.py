"""The security policy of every address, from the URLconf itself."""

import re
from collections import defaultdict

import pytest

from tests.chat.addresses import ADDRESSES

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SITES = {"visitor", "visitor-messages", "visitor-transcript", "visitor-privacy"}
"""What stands in frames of the sites that an enterprise lists: the chat, and what it leads to."""
OWN = "admin:accounts_enterprise_preview"
"""What stands in a frame of our own page."""
INLINE = re.compile(r"\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)[^>]*>\s*\S")
HOSTILE_SITES = "https://shop.example; script-src *\n*\ndata:\nhttps://*.evil.example\nhttps://a'b"


def pages(browser, group: str, enterprise) -> dict:
    """The answers that a browser shows as a page, by the name of their route."""
    numbers = defaultdict(lambda: 1, group=group, enterprise=enterprise.pk)
    found = {name: browser.get(place.format_map(numbers)) for name, place in ADDRESSES.items()}
    return {
        name: answer
        for name, answer in found.items()
        if answer.get("Content-Type", "").startswith("text/html") and answer.status_code != 302
    }


def test_every_page_keeps_to_the_strict_policy_and_none_but_the_chats_stands_in_a_frame(
    visitor, manager, superuser, enterprise, group, browser_of
):
    enterprise.sites = "https://shop.example"
    enterprise.save()
    seen = set()
    for browser in (visitor, browser_of(manager), browser_of(superuser)):
        for name, answer in pages(browser, group, enterprise).items():
            policy = answer["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy, name
            assert not INLINE.search(answer.content.decode()), name
            assert {"script-src 'self'", "base-uri 'none'"} <= set(policy.split("; ")), name
            trusted = "require-trusted-types-for 'script'" in policy
            assert trusted or name.startswith("admin:"), name
            assert answer["X-Content-Type-Options"] == "nosniff", name
            if name in SITES:
                assert "frame-ancestors 'self' https://shop.example" in policy, name
            elif name == OWN:
                assert "frame-ancestors 'self'" in policy and "shop.example" not in policy
            else:
                assert "frame-ancestors 'none'" in policy, name
                assert answer["X-Frame-Options"] == "DENY", name
            seen.add(name)
    assert len(seen) > 40


def test_what_is_no_site_opens_no_frame_and_changes_no_policy(visitor, enterprise, group):
    """Whatever came into the column past its form."""
    before = visitor.get("/chat/acme/")["Content-Security-Policy"]
    enterprise.sites = HOSTILE_SITES
    enterprise.save()
    after = visitor.get("/chat/acme/")["Content-Security-Policy"]
    assert "evil" not in after and "*" not in after
    assert after.replace(" https://shop.example;", "") in (before, after)
