"""Inlines on the pages of teams and members: their places, and a team's topics."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.models import DEFAULT_TEAM, Member, TeamMember, Topic
from accounts.models.topic import MAX_TOPICS

from .base import ScopedInline, is_superuser
from .forms import PlaceForm, PlaceFormSet
from .invitations import called
from .texts import TextsAdmin


class PlaceInline(ScopedInline):
    model = TeamMember
    form = PlaceForm
    formset = PlaceFormSet
    classes = ["compact"]


class MemberPlaceInline(PlaceInline):
    """The members of a team."""

    row_scope = "team__enterprise_id"
    fields = [("member", "member_type")]
    adds, about = _("Add a member"), _("They see all of the team's conversations.")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("member")

    def get_formset(self, request, obj=None, **kwargs):
        """Offers who can join the team: its page has them all, twice."""
        formset = super().get_formset(request, obj, **kwargs)
        if obj is not None and (field := formset.form.base_fields.get("member")):
            field.queryset = field.queryset.filter(
                enterprise=obj.enterprise_id,
                status=Member.Status.NORMAL,
                role__in=rights.roles_with(rights.SEAT),
            )
        return formset

    def title_of(self, row):
        return called(row.member)

    verbose_name = _("member")
    verbose_name_plural = _("members")


class TeamPlaceInline(PlaceInline):
    """The teams of a member."""

    row_scope = "member__enterprise_id"
    fields = [("team", "member_type")]
    adds, about = _("Add to a team"), _("The member sees all conversations of these teams.")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("team")

    def title_of(self, row):
        return row.team.name

    verbose_name = _("team")
    verbose_name_plural = _("teams")

    def preselected(self, request, obj) -> list[dict]:
        """The places that a new member starts with: one in the default team, if a manager adds
        them."""
        if (obj is not None and obj.pk) or is_superuser(request):
            return []
        teams = request.user.enterprise.teams.filter(slug=DEFAULT_TEAM)
        return [{"team": team.pk} for team in teams]


class TopicFormSet(forms.BaseInlineFormSet):
    """Refuses a new topic beyond those of an enterprise that visitors choose among."""

    def clean(self):
        super().clean()
        new = [one for one in self.extra_forms if one.has_changed()]
        added = sum(not self._should_delete_form(one) for one in new)
        lost = sum(self._should_delete_form(one) for one in self.initial_forms)
        stored = Topic.objects.filter(team__enterprise=self.instance.enterprise_id).count()
        if added and stored - lost + added > MAX_TOPICS:
            raise ValidationError(
                _("Visitors choose among at most %(most)d topics of all teams. Delete some first."),
                params={"most": MAX_TOPICS},
            )


class TopicInline(TextsAdmin, ScopedInline):
    """Topics that lead visitors to this team."""

    model = Topic
    formset = TopicFormSet
    row_scope = "team__enterprise_id"
    adds, order = _("Add a topic"), "position"
    fields = ["label", "position"]
    about = _(
        "New visitors choose among the topics of all teams, and come to the one they fit. Tags and "
        "reasons for closing need no list: agents write them, and those in use are suggested."
    )
