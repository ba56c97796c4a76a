"""The administration's page that puts the chat on a site."""

import html
import re

import pytest
from django.urls import reverse

from accounts.setup import find_or_create_team

from .page import edit, errors_of, form_of, submit, submit_each

pytestmark = pytest.mark.django_db


def page_of(enterprise, name="widget") -> str:
    return reverse(f"admin:accounts_enterprise_{name}", args=[enterprise.pk])


def line_on(page: str) -> str:
    return html.unescape(re.search(r"<code>(&lt;script.*?)</code>", page).group(1))


def test_the_page_has_the_line_the_link_and_its_code(boss, enterprise):
    page = boss.get(page_of(enterprise)).content.decode()
    line = '<script src="http://testserver/widget.js" data-ent="acme" async></script>'
    assert line_on(page) == line
    assert 'href="http://testserver/chat/acme/"' in page
    assert 'src="data:image/svg+xml' in page and "No site is listed yet" in page
    assert page_of(enterprise) in boss.get(edit(enterprise)).content.decode()


def test_the_public_address_and_the_listed_sites_stand_there(boss, enterprise, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    enterprise.sites = "https://shop.example"
    enterprise.save()
    page = boss.get(page_of(enterprise)).content.decode()
    assert 'src="https://chat.example.com/widget.js"' in line_on(page)
    assert "connect-src https://chat.example.com" in page
    assert "https://shop.example" in page and "No site is listed" not in page


def test_a_wish_goes_into_the_line_and_the_preview_and_is_not_stored(boss, enterprise):
    find_or_create_team(enterprise, "sales")
    wishes = {
        **{"team": "sales", "side": "left", "colour": "#b00020"},
        **{"label": 'Ask "us" <b>', "lang": "zh-hans"},
    }
    page = boss.get(page_of(enterprise), wishes).content.decode()
    line = line_on(page)
    assert 'data-team="sales" data-side="left" data-colour="#b00020"' in line
    assert 'data-label="Ask &quot;us&quot; &lt;b&gt;" data-lang="zh-hans"' in line
    assert "/chat/acme/?team=sales" in page
    preview = boss.get(page_of(enterprise, "preview"), wishes).content.decode()
    assert line.replace("http://testserver", "") in preview
    enterprise.refresh_from_db()
    assert (enterprise.widget_side, enterprise.accent) == ("right", "#1f6feb")


@pytest.mark.parametrize(
    "wishes",
    [
        {"team": "nobody"},
        {"side": "middle"},
        {"colour": 'red" onload="x'},
        {"lang": "xx"},
        {"label": "x" * 41},
        {"team": "service", "side": "right", "colour": "#1f6feb", "label": "", "lang": ""},
        {"ent": "umbrella", "src": "https://evil.example"},
    ],
)
def test_what_is_not_sound_or_as_it_is_anyway_stays_out_of_the_line(boss, enterprise, wishes):
    for name in ("widget", "preview"):
        page = boss.get(page_of(enterprise, name), wishes)
        assert page.status_code == 200
        lines = re.findall(r"script src=.*?async", html.unescape(page.content.decode()))
        assert lines and all(
            re.fullmatch(r'script src="\S*" data-ent="acme" async', line) for line in lines
        )


def test_the_preview_stands_in_our_own_frames_only(boss, enterprise):
    preview = boss.get(page_of(enterprise, "preview"))
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    page = boss.get(page_of(enterprise))
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    for response in (page, preview):
        assert "frame-src 'self'" in response["Content-Security-Policy"]


def test_a_suggested_greeting_is_stored_as_it_is_in_all_languages(boss, enterprise):
    page = edit(enterprise, "greetings")
    suggested = f"{page}&recipe=2"
    assert "?section=greetings&amp;recipe=2" in boss.get(page).content.decode()
    assert boss.post(suggested, form_of(boss.get(suggested))).status_code == 302
    rule = enterprise.rules.get()
    assert (rule.text, rule.page) == ("Any questions about our prices? Just ask.", "/pricing*")
    assert rule.translations["zh-hans"]["text"]
    page = boss.get(suggested)
    assert form_of(page)["rules-1-text"] == "" and "recipe=1" not in page.content.decode()


def test_a_manager_chooses_the_look_of_the_button(boss, enterprise):
    page = edit(enterprise, "button")
    answer = submit(boss, page, widget_side="left", widget_label="Ask us")
    assert answer.status_code == 302
    enterprise.refresh_from_db()
    assert (enterprise.widget_side, enterprise.widget_label) == ("left", "Ask us")
    bad = {"widget_side": "top"}, {"widget_language": "xx"}, {"widget_label": "x" * 41}
    for change, answer in zip(bad, submit_each(boss, page, *bad), strict=True):
        assert errors_of(answer).keys() == change.keys()
