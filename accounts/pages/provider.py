"""The sign-in page of one enterprise, the way to its provider and back (single sign-on), and the
provider's word that somebody signed out there."""

from collections.abc import Mapping

from django.contrib.auth import login
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, factors, mails, single_sign_on
from accounts.backends import BACKEND
from accounts.models import Enterprise, Provider
from accounts.requests import own_address
from accounts.sign_ins import sessions

from . import ways_in
from .sign_in import Login, front_page


class EnterpriseLogin(Login):
    """The sign-in page for members of one enterprise, whose address they know. Leads on to its
    provider where there is nothing else to choose."""

    @cached_property
    def enterprise(self) -> Enterprise:
        found = ways_in.enterprise_of(self.kwargs["ent_id"])
        if found is None:
            raise Http404
        return found

    def dispatch(self, request, *args, **kwargs):
        offered = self.enterprise.ways_in
        if request.method in ("GET", "HEAD") and len(offered) == 1 and offered[0].is_elsewhere:
            return begin(request, self.enterprise.code, offered[0].kind)
        return super().dispatch(request, *args, **kwargs)


def provider_or_404(ent_id: str, kind: str) -> Provider:
    opened = {"enterprise__code": ent_id, "enterprise__status": Enterprise.Status.OPEN}
    rows = Provider.objects.select_related("enterprise")
    found = rows.filter(is_on=True, kind=kind, **opened).first()
    if found is None or not found.is_elsewhere:
        raise Http404
    return found


@require_safe
@never_cache
def begin(request, ent_id: str, kind: str):
    """Leads to the provider. A link, since the policy lets no form lead to another site."""
    provider = provider_or_404(ent_id, kind)
    # The provider knows this address by letter, whatever host was asked.
    back = mails.site_url(request) + provider.back
    # The others know no way to ask somebody anew.
    again = request.GET.get("again") == "1" and request.user.is_authenticated
    again = again and provider.kind == Provider.Kind.OIDC
    try:
        wanted = request.GET.get("next", "")
        return redirect(single_sign_on.begin(request, provider, back, wanted, again))
    except single_sign_on.Refused as refused:
        return refuse(request, provider, refused, {})


@require_safe
@never_cache
def back(request, ent_id: str, kind: str = Provider.Kind.OIDC):
    """Signs in whom the provider vouches for; a member who was asked anew has a fresh proof."""
    provider = provider_or_404(ent_id, kind)
    proved = request.session.get(factors.fresh.KEY, 0)
    claims: Mapping = {}
    try:
        claims, sent = single_sign_on.finish(request, provider)
        with audit.recording(audit.of_request(request)):
            member = single_sign_on.member_of(provider, claims)
            was_here = member == request.user
            if not sent["again"]:
                login(request, member, backend=BACKEND)
        if sent["again"] and not was_here:
            raise single_sign_on.Refused(_("The provider has asked somebody else."))
    except single_sign_on.Refused as refused:
        return refuse(request, provider, refused, claims)
    sessions.let_in_by(request, provider, single_sign_on.sid_of(claims))
    if sent["again"]:
        factors.fresh.mark(request)
    elif was_here:
        # Signing in counts as a proof, but whoever sits at an open page may not have been asked.
        request.session[factors.fresh.KEY] = proved
    request.session[factors.fresh.PASSED] = True
    return HttpResponseRedirect(own_address(request, sent["wanted"]) or front_page(member))


def refuse(request, provider: Provider, refused: single_sign_on.Refused, claims: Mapping):
    single_sign_on.record(request, provider, refused, claims)
    context = {"title": _("You are not signed in"), "detail": str(refused)}
    return render(request, "accounts/sso_refused.html", context, status=403)


@csrf_exempt
@require_POST
@never_cache
def logout(request, ent_id: str):
    """Takes a logout token from the provider's server (OpenID Connect Back-Channel Logout)."""
    provider = provider_or_404(ent_id, Provider.Kind.OIDC)
    try:
        rows = single_sign_on.sessions_meant(provider, request.POST.get("logout_token"))
    except single_sign_on.Refused as refused:
        answer = {"error": "invalid_request", "error_description": str(refused)}
        return JsonResponse(answer, status=400)
    with audit.recording(audit.of_request(request)):
        sessions.end_noted(rows, provider.enterprise_id, provider)
    return HttpResponse(status=200)
