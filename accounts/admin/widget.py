"""The pages that put the chat on a site: the line to paste, a preview, the link with its QR code;
and the greetings that the widget shows."""

import segno
from csp.decorators import csp_replace, csp_update
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms import BaseInlineFormSet
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import DEFAULT_TEAM, Enterprise, GreetingRule
from accounts.models.greeting_rule import MAX_RULES, MAX_TEXT

from . import recipes
from .base import ScopedInline
from .texts import TextsAdmin


class WidgetForm(forms.Form):
    """What one site may change of the enterprise's settings. Nothing is stored: the values become
    attributes of the line to paste."""

    team = forms.ChoiceField(label=_("Team"), required=False)
    side = forms.ChoiceField(label=_("Side"), choices=Enterprise.Side.choices, required=False)
    colour = forms.CharField(
        label=_("Colour"),
        required=False,
        widget=forms.TextInput(attrs={"type": "color"}),
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z")],
    )
    label = forms.CharField(label=_("Text on the button"), max_length=40, required=False)
    lang = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, enterprise: Enterprise, data):
        self.defaults = {
            "team": DEFAULT_TEAM,
            "side": enterprise.widget_side,
            "colour": enterprise.accent.lower(),
            "label": enterprise.widget_label,
            "lang": enterprise.widget_language,
        }
        super().__init__(
            self.defaults | {name: data[name] for name in self.defaults if name in data}
        )
        teams = enterprise.teams.order_by("id").values_list("slug", "name")
        self.fields["team"].choices = teams
        self.fields["lang"].choices = [("", _("the visitor's language")), *settings.LANGUAGES]

    def overrides(self) -> dict[str, str]:
        """The valid values that differ from the enterprise's settings, by the name of their data
        attribute."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: value for name, value in chosen.items() if value != self.defaults[name]}


def script_line(base: str, enterprise: Enterprise, overrides: dict[str, str]) -> SafeString:
    """The script element to paste, escaped for HTML. `base` is the address of this site."""
    attributes = format_html_join("", ' data-{}="{}"', overrides.items())
    line = '<script src="{}/widget.js" data-ent="{}"{} async></script>'
    return format_html(line, base, enterprise.code, attributes)


class WidgetPages:
    """A mixin for EnterpriseAdmin: two more pages for each enterprise."""

    def get_urls(self):
        place, view = "<path:object_id>/widget/preview/", self.own_page(self.preview_view)
        preview = path(place, view, name="accounts_enterprise_preview")
        return [*self.own_urls(widget=self.widget_view), preview, *super().get_urls()]

    @method_decorator(require_safe)
    @csp_update({"frame-src": ["'self'"]})
    def widget_view(self, request, object_id):
        enterprise = self.row_or_refuse(request, object_id, "view")
        form = WidgetForm(enterprise, request.GET)
        overrides = form.overrides()
        base = settings.PUBLIC_URL or request.build_absolute_uri("/")[:-1]
        link = base + enterprise.chat_path
        if "team" in overrides:
            link += f"?team={overrides['team']}"
        return self.row_page(
            request,
            "admin/accounts/enterprise/widget.html",
            enterprise,
            title=_("Put the chat on your site"),
            form=form,
            line=script_line(base, enterprise, overrides),
            sites=enterprise.site_origins(),
            base=base,
            link=link,
            code=segno.make_qr(link, error="m").svg_data_uri(scale=6, border=4),
            preview=reverse("admin:accounts_enterprise_preview", args=[enterprise.pk]),
        )

    @method_decorator(require_safe)
    @xframe_options_sameorigin
    @csp_update({"frame-src": ["'self'"]})
    @csp_replace({"frame-ancestors": ["'self'"]})
    def preview_view(self, request, object_id):
        """An example page of a site, with the real button on it."""
        enterprise = self.row_or_refuse(request, object_id, "view")
        overrides = WidgetForm(enterprise, request.GET).overrides()
        context = {"enterprise": enterprise, "line": script_line("", enterprise, overrides)}
        return TemplateResponse(request, "admin/accounts/enterprise/preview.html", context)


class GreetingRuleFormSet(BaseInlineFormSet):
    """Refuses more active greetings than the widget loads (MAX_RULES)."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if not self._should_delete_form(form)]
        if (
            sum(bool(form.cleaned_data.get("active")) for form in kept if form.is_valid())
            > MAX_RULES
        ):
            raise ValidationError(
                _("At most %(most)d site greetings can be active. Deactivate or delete some."),
                params={"most": MAX_RULES},
            )


class GreetingRuleInline(TextsAdmin, ScopedInline):
    """The greetings that the widget shows on the enterprise's sites."""

    model = GreetingRule
    formset = GreetingRuleFormSet
    scope = "pk"
    adds, order = _("Add a site greeting"), "position"
    about = _("Shown beside the chat button to visitors who have not written, the first that fits.")
    recipes = recipes.GREETINGS
    fields = ["text", ("page", "seconds", "visits"), ("only_staffed", "active"), "position"]

    def preselected(self, request, obj):
        """The suggestion that the address names, while there is no greeting. Of what is sent it is
        no default: unchanged, it would not be stored."""
        asked = request.GET.get("recipe") if request.method == "GET" else None
        found = [one.fields for number, one in enumerate(self.recipes, 1) if str(number) == asked]
        return [] if found and obj.rules.exists() else found

    def get_formset(self, request, obj=None, **kwargs):
        example = {"placeholder": gettext("Can I help you choose?")}
        area = forms.Textarea(attrs={"rows": 2, "maxlength": MAX_TEXT, "dir": "auto", **example})
        return super().get_formset(request, obj, **{"widgets": {"text": area}, **kwargs})
