"""The secret with which an enterprise's site signs its tokens: managers copy or replace it."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import factors


class SecretForm(forms.Form):
    """Replaces the secret: when the old one ends, and a confirmation."""

    former = forms.ChoiceField(
        label=_("Current secret"),
        choices=[
            ("keep", _("stays valid for 24 hours, until your servers use the new one")),
            (
                "end",
                _(
                    "has leaked: it is revoked immediately, and visitors signed in with it"
                    " are signed out"
                ),
            ),
        ],
        initial="keep",
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label=_("Yes, create a new secret"))


class IdentityPages:
    """A mixin for EnterpriseAdmin: the page about visitors who sign in on the enterprise's site."""

    def get_urls(self):
        return self.own_urls(identity=self.identity_view) + super().get_urls()

    @method_decorator(sensitive_post_parameters())
    def identity_view(self, request, object_id):
        enterprise = self.row_or_refuse(request, object_id)
        form = SecretForm(request.POST or None)
        now = timezone.now()
        if request.method == "POST" and form.is_valid():
            if not factors.fresh.is_fresh(request):
                return factors.fresh.ask(request)
            enterprise.replace_secret(now, keep=form.cleaned_data["former"] == "keep")
            self.log_change(request, enterprise, gettext("New secret for signed-in visitors."))
            text = _("The new secret is now valid. Copy it to your servers.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:accounts_enterprise_identity", enterprise.pk)
        overlap = len(enterprise.valid_secrets(now)) > 1
        return self.row_page(
            request,
            "admin/accounts/enterprise/identity.html",
            enterprise,
            title=_("Identify visitors who are signed in on your site"),
            form=form,
            former_until=enterprise.former_until if overlap else None,
        )
