"""What a member wants to be alerted about, and on which devices: a page, and JSON for the
workspace."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from accounts.requests import wants_json
from chat.models import PushDevice
from chat.models.alert_choices import KINDS, AlertChoices
from chat.notifications.push import devices
from chat.protocol.errors import Refused
from chat.reading import alerts
from chat.views.common import json_response
from chat.views.refusals import refusal_json

from .workspace import for_agents


def kinds_field() -> forms.MultipleChoiceField:
    """A field for some kinds of alerts."""
    return forms.MultipleChoiceField(choices=list(KINDS.items()), required=False)


class AlertsForm(forms.ModelForm):
    sound = kinds_field()
    desktop = kinds_field()
    away_minutes = forms.IntegerField(
        label=capfirst(AlertChoices._meta.get_field("away_minutes").verbose_name),
        help_text=AlertChoices._meta.get_field("away_minutes").help_text,
        min_value=0,
        max_value=480,
        required=False,
    )

    class Meta:
        model = AlertChoices
        fields = ["sound", "desktop", "quiet_from", "quiet_to", "away_minutes"]
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_to")
        }

    def clean(self):
        cleaned = super().clean()
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if not self.errors and (begin is None) != (end is None):
            raise ValidationError(
                _("Enter a start and an end for quiet hours, or leave both empty.")
            )
        if begin is not None and begin == end:
            raise ValidationError(_("Quiet hours must not start and end at the same time."))
        if cleaned.get("away_minutes") is None:
            cleaned["away_minutes"] = self.instance.away_minutes
        return cleaned

    def rows(self):
        """The rows of the table: each kind with its label, and whether each column is ticked."""
        sound, desktop = (self[name].value() or [] for name in ("sound", "desktop"))
        for kind, label in KINDS.items():
            yield {
                "kind": kind,
                "label": label,
                "sound": kind in sound,
                "desktop": kind in desktop,
            }


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    """GET: the member's choices. POST: saves them."""
    choices = alerts.choices_of(request.user)
    fields = request.POST if request.method == "POST" else None
    form = AlertsForm(fields, instance=choices)
    if request.method == "POST" and form.is_valid():
        choices = alerts.save_choices(request.user, form.cleaned_data)
        if not wants_json(request):
            messages.success(request, _("Your settings are saved."))
            return redirect("alerts")
    if wants_json(request):
        if form.errors:
            errors = " ".join(text for texts in form.errors.values() for text in texts)
            return refusal_json(Refused("bad_field", errors))
        return json_response(alerts.choice_facts(choices))
    status = 400 if form.errors else 200
    context = {
        "form": form,
        "devices": devices.devices_of(
            cast(Member, request.user), request.session.session_key or ""
        ),
        "push_choices": PushDevice.Choice.choices,
    }
    return render(request, "chat/agent/alerts.html", context, status=status)
