"""Webhooks in the administration: made and changed, tested, and the log of their deliveries."""

from operator import attrgetter

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import factors
from accounts.admin import recipes
from accounts.admin.base import ChoiceFilter, EnterpriseFilter, Scoped, ScopedAdmin
from accounts.admin.cells import Badge, Trouble
from chat.models import Webhook, WebhookAttempt, WebhookDelivery
from chat.protocol.errors import Refused
from chat.stream.types import TYPES

from . import deliveries, hooks
from .event_words import MEANS


class WebhookForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(name, format_lazy("{} · {}", name, MEANS[name])) for name in TYPES],
        initial=TYPES,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Webhook
        fields = ["enterprise", "url", "events", "active"]
        help_texts = {
            "url": _("https:// and a public host. Events are sent there, signed."),
            "active": _("While it is off, events wait for up to 30 days."),
        }

    def clean(self):
        cleaned = super().clean()
        enterprise = cleaned.get("enterprise") or getattr(self.instance, "enterprise", None)
        if self.errors or enterprise is None:
            return cleaned
        try:
            hooks.check(cleaned["url"], cleaned["events"])
            if self.instance.pk is None:
                hooks.check_room(enterprise)
        except Refused as refused:
            field = "url" if refused.facts.get("field") == "url" else None
            self.add_error(field, ValidationError(words(refused)))
        return cleaned


def words(refused: Refused) -> str:
    if refused.code == "conflict":
        return gettext("An enterprise has at most %(n)d webhooks.") % {"n": hooks.MOST}
    return gettext(
        "This must be an https address that anybody can reach, without a password or fragment."
    )


class WebhookAdmin(ScopedAdmin):
    purpose = _("A webhook tells a program of yours what happens, as soon as it does.")
    managers_may = superusers_may = frozenset(("view", "add", "change", "delete"))
    adds, removes = _("Add a webhook"), _("Delete the webhook")
    form = WebhookForm
    recipes = recipes.WEBHOOKS
    list_display = ["url", "state", "waiting", "parked", "created_at"]
    list_filter = ["active"]
    search_fields = ["url"]
    ordering = ["-pk"]
    fields = ["enterprise", "url", "events", "active"]
    adds_fresh = True
    # Whoever changes them leads all messages elsewhere.
    proved_columns = frozenset(("url", "events"))
    change_form_template = "admin/chat/webhook/change_form.html"

    def prepared(self, found):
        hooks_here = list(found)
        theirs = WebhookDelivery.objects.filter(webhook__in=hooks_here).values("webhook")
        counted = theirs.annotate(
            due=Count("pk", filter=Q(state=WebhookDelivery.State.DUE)),
            held=Count("pk", filter=Q(state=WebhookDelivery.State.PARKED)),
        )
        by_hook = {row["webhook"]: row for row in counted}
        for hook in hooks_here:
            hook.counted = by_hook.get(hook.pk, {"due": 0, "held": 0})
        return hooks_here

    def second_line(self, hook):
        count = len(hook.events)
        return ngettext("%(n)d kind of event", "%(n)d kinds of events", count) % {"n": count}

    @admin.display(description=_("state"), ordering="active")
    def state(self, hook):
        return Badge(_("in use"), "ok") if hook.active else Badge(_("switched off"))

    @admin.display(description=_("to be sent"))
    def waiting(self, hook):
        return hook.counted["due"]

    @admin.display(description=_("parked"))
    def parked(self, hook):
        """What was given up, with the way to it."""
        count = hook.counted["held"]
        if not count:
            return count
        rows = reverse("admin:chat_webhookdelivery_changelist")
        asked = f"{rows}?webhook={hook.pk}&state__exact={WebhookDelivery.State.PARKED:d}"
        return Trouble(str(count), asked, _("See why"))

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            hooks.store(obj)

    def response_add(self, request, obj, post_url_continue=None):
        """Shows the secret in this response only."""
        return self.shown_only_once(
            request,
            title=_("Secret of the webhook (shown only once)"),
            words=_(
                "Give it to the program that receives the events; it cannot be shown again. By it"
                " the program knows that they come from here."
            ),
            facts=[(_("Address"), obj.url, ""), (_("Secret"), obj.secret, "secret")],
            copies="secret",
            copy=_("Copy the secret"),
            next=reverse("admin:chat_webhook_change", args=[obj.pk]),
        )

    def get_urls(self):
        return self.own_urls(test=self.test_view, rotate=self.rotate_view) + super().get_urls()

    def get_deleted_objects(self, objs, request):
        """Its log goes with it, although nobody deletes from the log."""
        shown, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def test_view(self, request, object_id):
        hook = self.row_or_refuse(request, object_id)
        if request.method == "POST":
            delivery = deliveries.send_test(hook)
            text = gettext("A test is on its way. Reload this page to see what came of it.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:chat_webhookdelivery_change", delivery.pk)
        asked = _(
            "An event without content is sent there, signed like all others. Its page shows what"
            " came of it."
        )
        act = _("Send a test")
        return self.ask(request, [asked], act, row=hook, title=act)

    @method_decorator(factors.needs_fresh)
    def rotate_view(self, request, object_id):
        hook = self.row_or_refuse(request, object_id)
        if request.method == "POST":
            hooks.rotate(hook)
            return self.response_add(request, hook)
        asked = _(
            "For 24 hours both secrets sign, so that your program can change over without a gap."
        )
        title = _("Replace the secret")
        return self.ask(request, [asked], _("Make a new secret"), row=hook, title=title)


class ByEnterprise(EnterpriseFilter):
    path = "webhook__enterprise"


class ByWebhook(ChoiceFilter):
    title = _("webhook")
    parameter_name = path = "webhook"

    def lookups(self, request, model_admin):
        return list(model_admin.choices(Webhook, request).values_list("pk", "url"))


class Tries(Scoped, admin.TabularInline):
    """The tries of a delivery, on its page."""

    model = WebhookAttempt
    scope = "webhook__enterprise_id"
    managers_may = superusers_may = frozenset(("view",))
    fields = ["at", "seconds", "status", "error", "lines"]
    ordering = ["pk"]
    extra = 0

    def get_queryset(self, request):
        """Of a delivery that whoever asks may see."""
        return super(Scoped, self).get_queryset(request)


class WebhookDeliveryAdmin(ScopedAdmin):
    purpose = _("What was sent to your webhooks, and what they answered.")
    """The log."""

    scope = "webhook__enterprise_id"
    enterprise_filter = ByEnterprise
    managers_may = superusers_may = frozenset(("view",))
    list_display = ["type", "how", "tries", "last_answer", "created_at", "due_at"]
    list_filter = ["state", ByWebhook]
    list_select_related = ["webhook__enterprise"]
    ordering = ["-pk"]
    fields = ["webhook", "type", "about", "state", "tries", "created_at", "due_at"]
    inlines = [Tries]
    change_form_template = "admin/chat/webhookdelivery/change_form.html"

    def prepared(self, found):
        return found.prefetch_related("attempts")

    def second_line(self, delivery):
        return delivery.webhook.url

    @admin.display(description=_("state"), ordering="state")
    def how(self, delivery):
        tones = {WebhookDelivery.State.DONE: "ok", WebhookDelivery.State.PARKED: "bad"}
        return Badge(delivery.get_state_display(), tones.get(delivery.state, "warn"))

    @admin.display(description=_("last response"))
    def last_answer(self, delivery):
        last = max(delivery.attempts.all(), key=attrgetter("pk"), default=None)
        return (last.status or last.error) if last else None

    @admin.display(description=_("enterprise"), ordering="webhook__enterprise__name")
    def enterprise(self, delivery):
        return delivery.webhook.enterprise

    def get_urls(self):
        return self.own_urls(replay=self.replay_view) + super().get_urls()

    def replay_view(self, request, object_id):
        """Has it sent again; by the button of its page."""
        delivery = self.row_or_refuse(request, object_id, "view")
        if request.method == "POST":
            deliveries.replay(delivery)
            self.message_user(request, gettext("It is sent again."), messages.SUCCESS)
        return redirect("admin:chat_webhookdelivery_change", delivery.pk)
