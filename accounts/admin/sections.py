"""The sections of an enterprise's settings. Each is a page; its entry in the navigation says what
is set there."""

import colorsys
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import durations
from accounts.forms.hours import week_words
from accounts.forms.zones import city
from accounts.models import Enterprise, Member
from accounts.models.enterprise import Ask
from accounts.sentences import Words

PARAMETER = "section"
"""Names the section in the address of the settings; without it they begin with the first one."""
LONGEST = 48
"""Characters of an entry's second line, which has the room of two lines."""
GREY = 0.12
"""Colours below this saturation have no hue that one would name."""


class Section(NamedTuple):
    """`key` is its name in the address. `parts` are the headings of its cards with their fields,
    `said` is what its entry says. `previewed`: visitors see on their first screen what is set."""

    key: str
    label: Words
    icon: str
    said: Callable[[Enterprise], str]
    parts: tuple[tuple[Words, tuple[str, ...]], ...] = ()
    previewed: bool = False

    def address(self, enterprise: Enterprise) -> str:
        page = reverse("admin:accounts_enterprise_change", args=[enterprise.pk])
        return f"{page}?{PARAMETER}={self.key}"

    @property
    def writes(self) -> bool:
        """Whether anything is set there; the hours are set on the pages of the teams."""
        return self.key != "hours"

    @property
    def names(self) -> str:
        """The names of its fields, for links that name one."""
        return " ".join(name for _heading, fields in self.parts for name in fields)


def of(request) -> Section:
    """The section that the address names. Raises Http404 for an unknown one."""
    key = request.GET.get(PARAMETER, SECTIONS[0].key)
    for section in SECTIONS:
        if section.key == key:
            return section
    raise Http404("There is no such section.")


def entries(enterprise: Enterprise, shown: Section) -> list[dict]:
    """The navigation: each section with its address and what is set there."""
    return [
        {
            "section": one,
            "href": one.address(enterprise),
            "said": Truncator(one.said(enterprise)).chars(LONGEST),
            "shown": one is shown,
        }
        for one in SECTIONS
    ]


def basics(enterprise: Enterprise) -> str:
    sites = len(enterprise.site_origins())
    number = ngettext("%(n)d site", "%(n)d sites", sites) % {"n": sites}
    return join(city(enterprise.zone), number if sites else gettext("no site yet"))


def look(enterprise: Enterprise) -> str:
    logo = gettext("logo") if enterprise.logo else ""
    return join(colour_word(enterprise.accent), logo, languages(enterprise, "welcome"))


def colour_word(colour: str) -> str:
    """The hue of a colour such as #1f6feb; the text itself if it is none."""
    try:
        red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    except ValueError:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < GREY or not 0.05 < lightness < 0.97:
        return pgettext("colour", "grey")
    words = [
        (15, pgettext("colour", "red")),
        (42, pgettext("colour", "orange")),
        (68, pgettext("colour", "yellow")),
        (155, pgettext("colour", "green")),
        (190, pgettext("colour", "teal")),
        (250, pgettext("colour", "blue")),
        (290, pgettext("colour", "violet")),
        (340, pgettext("colour", "pink")),
        (361, pgettext("colour", "red")),
    ]
    return next(word for end, word in words if hue * 360 < end)


def languages(row, name: str) -> str:
    """In how many languages a text is written; "" if in none."""
    written = len(row.all_texts(name))
    said = {"n": written, "all": len(settings.LANGUAGES)}
    return gettext("%(n)d of %(all)d languages") % said if written else ""


def working_hours(enterprise: Enterprise) -> str:
    teams = list(enterprise.teams.all())
    if not teams:
        return gettext("no team yet")
    weeks = [week_words(team.hours) for team in sorted(teams, key=lambda team: team.pk)]
    same = weeks.count(weeks[0])
    as_many = ngettext("%(n)d team", "%(n)d teams", same) % {"n": same}
    others = gettext("others at other times") if same < len(weeks) else ""
    return join(weeks[0], as_many if len(weeks) > 1 else "", others)


def asked(enterprise: Enterprise) -> str:
    found = []
    words = {"name": pgettext("visitor", "name"), "email": _("e-mail"), "phone": _("phone")}
    for name, word in words.items():
        wanted = getattr(enterprise, f"ask_{name}")
        optional = gettext("%(field)s (optional)") % {"field": word}
        found += {Ask.MUST: [str(word)], Ask.MAY: [optional]}.get(wanted, [])
    consent = [gettext("consent")] if enterprise.consent else []
    return join(*found, *consent) or gettext("nothing is asked")


def attributes(enterprise: Enterprise) -> str:
    return join(*map(str, enterprise.attributes.all())) or gettext("none yet")


def button(enterprise: Enterprise) -> str:
    return join(enterprise.get_widget_side_display(), enterprise.widget_label)


def greetings(enterprise: Enterprise) -> str:
    active = sum(rule.active for rule in enterprise.rules.all())
    return ngettext("%(n)d active", "%(n)d active", active) % {"n": active}


def chat(enterprise: Enterprise) -> str:
    preview = gettext("typing preview") if enterprise.draft_preview else ""
    visits = gettext("who is on the site") if enterprise.visits_told else ""
    return join(preview, visits) or gettext("neither typing nor visits")


def spam(enterprise: Enterprise) -> str:
    flood = gettext("flood protection") if enterprise.challenge else ""
    return join(enterprise.get_hold_display(), flood)


def privacy(enterprise: Enterprise) -> str:
    if enterprise.retention_days is None:
        return gettext("everything is kept")
    kept = durations.words(enterprise.retention_days, "days")
    return gettext("kept for %(time)s") % {"time": kept}


def sign_in(enterprise: Enterprise) -> str:
    roles = dict(Member.Role.choices)
    found = [str(roles[role]) for role in enterprise.second_factor_roles or () if role in roles]
    return join(gettext("two steps"), *found) if found else gettext("two steps are optional")


def join(*parts: str) -> str:
    return " · ".join(filter(None, parts))


SECTIONS = (
    Section(
        "general",
        _("Basics"),
        "home",
        basics,
        ((_("Basics"), ("name", "zone", "sites", "text_language", "code", "status")),),
        previewed=True,
    ),
    Section(
        "look",
        _("Look"),
        "smile",
        look,
        (
            (
                _("Brand"),
                (
                    *("logo_file", "without_logo", "accent"),
                    *("cover_colour", "cover_file", "without_cover"),
                ),
            ),
            (_("First screen"), ("welcome",)),
        ),
        previewed=True,
    ),
    Section("hours", _("Working hours"), "snoozed", working_hours),
    Section(
        "before",
        _("Visitor information"),
        "panel",
        asked,
        (
            (
                _("Before the first message"),
                ("ask_name", "ask_email", "ask_phone", "away_email_must", "consent"),
            ),
        ),
        previewed=True,
    ),
    Section("attributes", _("Customer attributes"), "list", attributes),
    Section(
        "button",
        _("Chat button"),
        "site",
        button,
        ((_("Chat button on sites"), ("widget_side", "widget_label", "widget_language")),),
    ),
    Section("greetings", _("Site greetings"), "bell", greetings),
    Section(
        "chat",
        _("In the chat"),
        "inbox",
        chat,
        (
            (_("In the chat"), ("suggests_articles", "draft_preview", "human_words")),
            (_("Who is on the site"), ("visits_told", "queries_told")),
        ),
    ),
    Section("spam", _("Spam"), "quarantine", spam, ((_("Spam"), ("hold", "challenge")),)),
    Section(
        "privacy",
        _("Privacy"),
        "shield",
        privacy,
        (
            (_("How long it is kept"), ("retention_days", "audit_days")),
            (_("What agents see"), ("addresses", "hide_contacts", "push_text")),
        ),
    ),
    Section(
        "sign-in",
        _("Sign-in"),
        "key",
        sign_in,
        ((_("Sign-in"), ("second_factor_roles", "sign_in_days")),),
    ),
)
"""In the order of the navigation."""
