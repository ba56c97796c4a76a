"""The page on which members see and change what they sign in with, and where they are signed in."""

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, encryption, factors
from accounts.models import AuthenticatorApp, MemberSession, Passkey
from accounts.sign_ins import sessions

from .sign_in import front_page

SECRET = "authenticator_secret"
"""In the session: the sealed secret of an app that is not set up yet."""


@require_safe
@login_required
@never_cache
def page(request):
    context = {
        "app": AuthenticatorApp.objects.filter(member=request.user).first(),
        "passkeys": Passkey.objects.filter(member=request.user).order_by("pk"),
        "codes_left": factors.codes_left(request.user),
        "sessions": sessions.of_member(request.user),
        "current": request.session.session_key,
    }
    return render(request, "accounts/security.html", context)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@factors.needs_fresh
def app(request):
    """Shows a secret as a QR code, and takes the first code from the app that has read it."""
    member, wrong = request.user, ""
    if AuthenticatorApp.objects.filter(member=member).exists():
        # A session from before it was set up owes a code where the enterprise wants one.
        owed = request.restricted and not factors.fresh.has_passed(request.session)
        return factors.fresh.ask(request) if owed else redirect("security")
    secret = encryption.unseal(request.session.get(SECRET, "")) or factors.app.new_secret()
    if request.method == "POST":
        code = "".join(request.POST.get("code", "").split())
        with audit.during(request):
            if factors.app.set_up(member, secret, code):
                del request.session[SECRET]
                request.session[factors.fresh.PASSED] = True
                return show_codes(request)
        wrong = _("This code is wrong. Check that the clock of your phone is right.")
    request.session[SECRET] = encryption.seal(secret)
    link = factors.app.address(member, secret)
    context = {
        "code": segno.make_qr(link, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "wrong": wrong,
    }
    return render(request, "accounts/security_app.html", context)


def show_codes(request):
    """The only page that ever shows them."""
    member = request.user
    after = front_page(member) if member.must_have_factor else resolve_url("security")
    context = {"codes": factors.renew_codes(member), "next": after}
    return render(request, "accounts/security_codes.html", context)


@login_required
@never_cache
@require_POST
@factors.needs_fresh
@audit.recorded
def codes(request):
    """Ten new recovery codes instead of those of before."""
    if not factors.has_any(request.user):
        raise Http404
    return show_codes(request)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@factors.needs_fresh
def off(request):
    """Switches the second step off: app, passkeys and recovery codes end."""
    if request.user.must_have_factor:
        return refuse_to_end(request)
    if not factors.has_any(request.user):
        return redirect("security")
    if request.method != "POST":
        return render(request, "accounts/security_off.html")
    with audit.during(request):
        factors.remove_all(request.user)
    request.session.pop(factors.fresh.PASSED, None)
    messages.success(request, _("Two-step sign-in is off."))
    return redirect("security")


def refuse_to_end(request):
    messages.error(request, _("Your enterprise asks for two-step sign-in."))
    return redirect("security")


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
@factors.needs_fresh
@audit.recorded
def passkeys(request):
    """Adds or removes a passkey. Without what a device made, the answer is what it has to make."""
    member, fields = request.user, request.POST
    if fields.get("remove"):
        return remove_passkey(request, fields["remove"])
    if "credential" not in fields:
        return JsonResponse(factors.passkeys.ask_to_add(request, member))
    name = fields.get("name", "").strip()[:60] or _("Passkey")
    first = not factors.has_any(member)
    if not factors.passkeys.add(request, member, name, fields["credential"]):
        messages.error(request, _("This passkey could not be added. Try again."))
        return redirect("security")
    request.session[factors.fresh.PASSED] = True
    if first:
        return show_codes(request)
    messages.success(request, _("The passkey is added."))
    return redirect("security")


def remove_passkey(request, chosen: str):
    row = own_row(Passkey.objects.filter(member=request.user), chosen).first()
    if row is None:
        raise Http404
    if request.user.must_have_factor and factors.is_only(row):
        return refuse_to_end(request)
    factors.remove_passkey(row)
    messages.success(request, _("The passkey is deleted."))
    return redirect("security")


def own_row(rows, chosen: str):
    """Those of `rows` whose id was posted."""
    known = chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18
    return rows.filter(pk=chosen) if known else rows.none()


@login_required
@never_cache
@require_POST
@audit.recorded
def sessions_end(request):
    """Ends the session whose id is posted, or all others."""
    rows = MemberSession.objects.filter(member=request.user)
    rows = rows.exclude(key=request.session.session_key)
    chosen = request.POST.get("session", "")
    if chosen != "others":
        rows = own_row(rows, chosen)
    count = sessions.end_noted(rows, audit.chain_of_member(request.user), request.user)
    if not count and chosen != "others":
        raise Http404
    text = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("security")
