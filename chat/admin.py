"""The admin's lists of conversations, visitors, canned replies and quick questions; and webhooks,
whose pages are in webhooks/admin.py. Messages are read in the workspace."""

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts import audit
from accounts.admin import recipes
from accounts.admin.base import EnterpriseFilter, ScopedAdmin, TeamFilter
from accounts.admin.cells import Badge, Face
from accounts.admin.texts import TextsAdmin
from accounts.models import Enterprise, Team
from chat.bulk.demo.admin import DemoPage
from chat.conversations import seating
from chat.templatetags.lists import conversation_path
from chat.visitor_page.admin import VisitorPage, require_there
from chat.visitor_page.list_admin import CustomerList
from chat.webhooks.admin import WebhookAdmin, WebhookDeliveryAdmin

from . import models


class EnterpriseCodeFilter(EnterpriseFilter):
    """Filters models that refer to their enterprise by its code."""

    path = "ent_id"
    key = "code"


class ConversationTeamFilter(TeamFilter):
    path = "team"


class ScopedByCode(ScopedAdmin):
    scope = enterprise_column = "ent_id"
    enterprise_filter = EnterpriseCodeFilter

    def scope_value(self, enterprise: Enterprise):
        return enterprise.code


class QuarantineFilter(admin.SimpleListFilter):
    title = _("caught as spam")
    parameter_name = "quarantined"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        chosen = {"yes": False, "no": True}.get(self.value())
        return queryset if chosen is None else queryset.filter(quarantined_since__isnull=chosen)


@admin.register(models.Conversation)
class ConversationAdmin(DemoPage, ScopedByCode):
    audited_by = "uuid"
    managers_may = superusers_may = frozenset(("view",))
    purpose = _("As soon as a visitor writes, the conversation is here.")
    list_display = ["visitor", "team", "state", "waiting_since", "last_activity"]
    list_filter = ["open", ConversationTeamFilter, QuarantineFilter]
    search_fields = ["visitor__label", "visitor__contact", "uuid"]
    ordering = ["-last_activity"]
    fields = ["visitor", "team", "open", "waiting_since", "last_activity"]
    read = ["uuid", "ent_id", "open", "waiting_since", "last_activity", "visitor__uuid"]
    read += ["visitor__ent_id", "visitor__label", "team__name", "team__enterprise"]

    def prepared(self, found):
        """Without what no cell shows: whole rows of visitors and teams take as long as the page."""
        return found.select_related(None).select_related("visitor", "team").only(*self.read)

    def face(self, conversation):
        return Face(conversation.visitor_id, str(conversation.visitor))

    @admin.display(description=_("state"), ordering="open")
    def state(self, conversation):
        if conversation.waiting_since:
            return Badge(_("Waiting"), "warn")
        return (
            Badge(pgettext("conversation", "Open"), "ok")
            if conversation.open
            else Badge(_("Closed"))
        )

    def get_list_display(self, request):
        """Managers get a link to the workspace, where they may read all conversations of their
        enterprise. A superuser may have no enterprise."""
        columns = super().get_list_display(request)
        if not request.user.is_manager:
            return columns

        @admin.display(description=_("in the workspace"))
        def read(conversation):
            if conversation.ent_id != request.user.enterprise.code:
                return ""
            address = conversation_path(conversation.uuid)
            return format_html('<a href="{}">{}</a>', address, _("Open"))

        return [*columns, read]


@admin.register(models.Visitor)
class VisitorAdmin(CustomerList, VisitorPage, ScopedByCode):
    audited_by = "uuid"
    called = _("Customers")
    managers_may = superusers_may = frozenset(("view", "change"))
    purpose = _("Whoever writes to you is here from the first message on.")
    fields = ["label", "contact"]

    def save_model(self, request, obj, form, change):
        renamed = {"label", "contact"} & set(form.changed_data)
        if renamed:
            former = models.Visitor.objects.select_for_update().get(pk=obj.pk)
            require_there(former)
            models.LegalHold.objects.keep_former(
                former, timezone.now(), name=former.label, contact=former.contact
            )
            former.give_contact(obj.contact, models.ContactBy.MEMBER)
            obj.contact_by = former.contact_by
            form.changed_columns = [*form.changed_data, "contact_by"]
        super().save_model(request, obj, form, change)
        if renamed:
            seating.rename(obj)
            about = {"kind": "visitor", "object_id": obj.uuid, "visitor": obj.uuid}
            hidden = {"hidden": sorted(form.changed_data)}
            chain = audit.chain_of(obj.ent_id)
            audit.note(audit.Action.CHANGED, chain, details=hidden, **about)


@admin.register(models.LegalHold)
class LegalHoldAdmin(ScopedByCode):
    """What is kept, by whom and why. Holds are placed and lifted in the workspace."""

    managers_may = superusers_may = frozenset(("view",))
    purpose = _(
        "A legal hold keeps a conversation, or all of a visitor, from being deleted. It is placed "
        "and lifted beside the conversation in the workspace, under the visitor's details."
    )
    list_display = ["reason", "what", "placed_by_name", "placed_at", "read"]
    search_fields = ["reason", "placed_by_name", "visitor__label"]
    ordering = ["-placed_at"]
    fields = ["visitor", "what", "reason", "placed_by_name", "placed_at"]
    readonly_fields = ["what"]

    def prepared(self, found):
        theirs = models.Conversation.objects.filter(visitor=OuterRef("visitor_id"))
        latest = theirs.order_by("-last_activity").values("uuid")[:1]
        return found.annotate(latest=Subquery(latest))

    def second_line(self, hold):
        return str(hold.visitor)

    @admin.display(description=_("what is kept"))
    def what(self, hold):
        return _("one conversation") if hold.group_id else _("everything of this visitor")

    @admin.display(description=_("in the workspace"))
    def read(self, hold):
        """A link to the conversation, or to the visitor's latest one; they may have none."""
        group = hold.group_id or hold.latest
        if group is None:
            return ""
        address = reverse("conversation", args=[group])
        return format_html('<a href="{}">{}</a>', address, _("Open"))


class CannedReplyForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        enterprise = cleaned.get("enterprise") or (self.instance.pk and self.instance.enterprise)
        team = cleaned.get("team")
        if team and team.enterprise != enterprise:
            self.add_error("team", _("This team belongs to another enterprise."))
        return cleaned


@admin.register(models.CannedReply)
class CannedReplyAdmin(ScopedAdmin):
    purpose = _("A text that agents insert by a few letters, so that nobody types it twice.")
    """The shared canned replies. The members' own replies are private."""

    managers_may = superusers_may = frozenset(("view", "add", "change", "delete"))
    adds, removes = _("Add a canned reply"), _("Delete the canned reply")
    form = CannedReplyForm
    recipes = recipes.CANNED_REPLIES
    list_display = ["title", "whose", "updated_at"]
    search_help_text = _("Title, text")
    list_filter = [ConversationTeamFilter]
    search_fields = ["title", "content"]
    fields = ["enterprise", "team", "title", "content"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "team":
            kwargs["empty_label"] = _("All teams")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def second_line(self, reply):
        return reply.content

    @admin.display(description=_("team"), ordering="team")
    def whose(self, reply):
        return Badge(reply.team.name if reply.team else _("All teams"))

    def get_queryset(self, request):
        # Here: Django takes no list_select_related beside the team that is read already.
        return super().get_queryset(request).filter(owner=None).select_related("enterprise")

    def owns(self, request, obj):
        return super().owns(request, obj) and obj.owner_id is None


class QuickQuestionFilter(EnterpriseFilter):
    path = "team__enterprise"


@admin.register(models.QuickQuestion)
class QuickQuestionAdmin(TextsAdmin, ScopedAdmin):
    purpose = _("A question that visitors press, and whose answer comes by itself.")
    recipes = recipes.QUICK_QUESTIONS
    managers_may = superusers_may = frozenset(("view", "add", "change", "delete"))
    scope = "team__enterprise_id"
    enterprise_filter = QuickQuestionFilter
    adds, removes = _("Add a question"), _("Delete the question")
    list_display = ["question", "team", "position"]
    list_select_related = ["team__enterprise"]
    list_filter = [ConversationTeamFilter]
    search_fields = ["question", "answer"]
    search_help_text = _("Question, answer")
    ordering = ["team", "position", "id"]
    fields = ["team", "question", "answer", "article", "position"]

    def get_changeform_initial_data(self, request):
        """Where there is one team, it is that one's."""
        only = self.choices(Team, request)[:2]
        chosen = {"team": only[0].pk} if len(only) == 1 else {}
        return chosen | super().get_changeform_initial_data(request)

    def second_line(self, question):
        return question.answer

    @admin.display(description=_("enterprise"), ordering="team__enterprise__name")
    def enterprise(self, question):
        return question.team.enterprise


admin.site.register(models.Webhook, WebhookAdmin)
admin.site.register(models.WebhookDelivery, WebhookDeliveryAdmin)
