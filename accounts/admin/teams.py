"""Teams of an enterprise, with their hours, members and topics."""

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.forms import durations
from accounts.forms.hours import DAYS, HoursForm, week_words
from accounts.models import DEFAULT_TEAM, Team, TeamMember
from accounts.sentences import listed

from . import recipes
from .base import ScopedAdmin
from .cells import Trouble
from .invitations import called
from .places import MemberPlaceInline, TopicInline
from .texts import TextsAdmin

LONGEST = 40
"""Characters beside a section: two lines there."""


@admin.register(Team)
class TeamAdmin(TextsAdmin, ScopedAdmin):
    managers_may = frozenset(("view", "add", "change", "delete"))
    purpose = _("A team's agents serve each of its visitors together.")
    recipes = recipes.TEAMS
    adds, removes = _("Add a team"), _("Delete the team")
    list_display = ["name", "people", "due", "routing"]
    search_fields = ["name", "slug"]
    ordering = ["name"]
    form = HoursForm
    inlines = [MemberPlaceInline, TopicInline]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("enterprise")

    def prepared(self, found):
        people = TeamMember.objects.select_related("member")
        return found.prefetch_related(Prefetch("places", people))

    def second_line(self, team):
        return team.greeting or team.slug

    @admin.display(description=_("members"))
    def people(self, team):
        if names := [called(place.member) for place in team.places.all()]:
            return names
        where = f"{reverse('admin:accounts_team_change', args=[team.pk])}#places-group"
        return Trouble(_("Nobody is in it"), where, _("Choose members"))

    @admin.display(description=_("first reply within"), ordering="answer_seconds")
    def due(self, team):
        minutes, seconds = divmod(team.answer_seconds, 60)
        if not seconds:
            return gettext("%(minutes)d min") % {"minutes": minutes}
        words = {"minutes": minutes, "seconds": seconds}
        return gettext("%(minutes)s min %(seconds)s s") % words

    def get_fieldsets(self, request, obj=None):
        as_text = _(
            "Separate several periods with commas: 9:00-12:00, 13:30-18:00. An empty day is a day "
            "off."
        )
        about_hours = _(
            "A period that ends after midnight belongs to the day on which it starts: 22:00-6:00. "
            "If all seven days are off, the team is always available. Outside working hours, "
            "visitors see when the team is back and can leave a message."
        )
        # The admin writes descriptions as HTML. Who has the week editor writes no such text.
        about = format_html('<span class="hours-as-text">{}</span> {}', as_text, about_hours)
        sections = [
            (
                _("Team"),
                {
                    "fields": ["enterprise", "name", "slug", "greeting", "offered"],
                    "description": _("What visitors see of it."),
                },
            ),
            (
                pgettext("team", "Waiting"),
                {
                    "description": mails.why_unanswered()
                    or _("How soon visitors get an answer, and who is reminded."),
                    "fields": [
                        *("answer_seconds", "next_seconds"),
                        *("mail_answer_hours", "mail_next_hours", "answering_claims"),
                        *("bot_seconds", "mail_minutes", "mail_left"),
                    ],
                },
            ),
            (
                _("Routing"),
                {
                    "description": _("Who gets a conversation that nobody holds."),
                    "fields": [
                        *("routing", "capacity", "offer_seconds"),
                        *("overflow", "overflow_minutes"),
                    ],
                },
            ),
            (
                _("Automatic closing"),
                {
                    "description": _("When a conversation ends by itself, and what visitors read."),
                    "fields": ["idle_hours", "warn_minutes", "warning", "farewell"],
                },
            ),
            (_("Privacy"), {"fields": ["retention_days"]}),
            (
                _("Working hours"),
                {"fields": ["time_zone", *DAYS, "holidays"], "description": about},
            ),
        ]
        # The rest has values that serve until somebody knows better.
        return sections if obj else sections[:1]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """With the way to each section, which says what is set there. What is as it was made folds
        away, but for what is set in most teams, was just typed or warns."""
        form = context["adminform"].form
        typed = form.changed_data if form.is_bound else ()
        for _name, section in context["adminform"].fieldsets[1:-1]:
            names = tuple(section["fields"])
            warns = section.get("description") == mails.why_unanswered()
            if is_usual(obj, names) and not warns and not any(n.startswith(names) for n in typed):
                section["classes"] = ["collapse"]
        found = [(f"section-{n}", one.name) for n, one in enumerate(context["adminform"])]
        rows = context["inline_admin_formsets"]
        found += [(f"{one.formset.prefix}-group", one.opts.verbose_name_plural) for one in rows]
        said = [""] * len(found) if add else self.said(obj)
        context["entries"] = [(*one, text) for one, text in zip(found, said, strict=True)]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def said(self, team: Team) -> list:
        """What is set in each section of a team's page."""
        hours, days = team.idle_hours, team.retention_days
        closing = gettext("after %(n)s hours") % {"n": hours}
        return [
            team.slug,
            self.due(team),
            team.get_routing_display().partition(":")[0].partition("：")[0],
            closing if hours else pgettext("closing", "never"),
            durations.words(days, "days") if days else gettext("as the enterprise has it"),
            named([week_words(team.hours)]),
            named(called(place.member) for place in team.places.select_related("member")),
            named(topic.label for topic in team.topics.all()),
        ]

    def get_form(self, request, obj=None, **kwargs):
        area = forms.Textarea(attrs={"rows": 3, "maxlength": 500})
        wide = dict.fromkeys(("greeting", "warning", "farewell"), area)
        return super().get_form(request, obj, **{"widgets": wide, **kwargs})

    def get_changeform_initial_data(self, request):
        """Leaves the slug empty: its default belongs to the team that every enterprise starts
        with."""
        return {"slug": "", **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request, obj=None):
        """The slug of a stored team is fixed, because links on the enterprise's site contain it."""
        return [*super().get_readonly_fields(request, obj), *(["slug"] if obj else [])]

    def has_delete_permission(self, request, obj=None):
        """Keeps the default team, which visitors get without `?team=`."""
        default = isinstance(obj, Team) and obj.slug == DEFAULT_TEAM
        return not default and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs, request):
        """Conversations, which keep a team, are only counted: Django would read and name each of
        them, while SQLite lets nobody else write."""
        keys = [team.pk for team in objs]
        conversations = apps.get_model("chat", "Conversation").objects
        if n := conversations.filter(Q(team__in=keys) | Q(door__in=keys)).count():
            text = ngettext(
                "%(n)s conversation. If nobody is to come to the team any more, remove its topics"
                " and do not offer it on the chat page.",
                "%(n)s conversations. If nobody is to come to the team any more, remove its topics"
                " and do not offer it on the chat page.",
                n,
            )
            return [], {}, set(), [text % {"n": n}]
        return super().get_deleted_objects(objs, request)

    def view_on_site(self, obj):
        return obj.chat_path


def is_usual(team: Team, names: tuple[str, ...]) -> bool:
    """Whether these columns have the values of a new team, and no language has a text of them."""
    new = Team(enterprise=team.enterprise)
    said = {name for texts in team.translations.values() for name in texts}
    return said.isdisjoint(names) and all(getattr(team, n) == getattr(new, n) for n in names)


def named(names) -> str:
    return Truncator(listed(names)).chars(LONGEST) or gettext("none yet")
