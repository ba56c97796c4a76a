"""The page of notifications: who gets what, and the robots of group chats."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, hours
from accounts.forms import secrets
from accounts.models import Enterprise, Member
from accounts.sentences import sentences
from chat.models import Robot
from chat.notifications.robots import failures, setup
from chat.notifications.robots.platforms import PLATFORMS

from . import notification_rows, robot_cards
from .administration import as_form, ask_first, chosen, for_keys, for_managers, pages_of, place
from .robot_forms import GUIDES, SUMMARIES, RobotForm

TITLE = gettext_lazy("Notifications")
for_notifications = for_managers(TITLE)
show = pages_of("notifications", TITLE)


@require_safe
@for_notifications
def page(request: HttpRequest) -> HttpResponse:
    enterprise, now = chosen(request), timezone.now()
    names = dict(Robot.Kind.choices)
    with timezone.override(hours.zone_named(enterprise.zone)):
        robots = list(setup.of(enterprise).order_by("pk"))
        context = {
            "rows": notification_rows.rows(enterprise, robots, request.user.is_superuser),
            "devices": notification_rows.members_with_devices(enterprise),
            "cards": robot_cards.cards(robots, now),
            "kinds": [(kind, names[kind], SUMMARIES[kind]) for kind in PLATFORMS],
        }
        return show(request, enterprise, "page.html", context)


@for_keys(for_notifications)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """A new robot of a platform. Whoever adds one says who else hears of conversations."""
    if kind not in PLATFORMS:
        raise Http404
    enterprise = chosen(request)
    return edit(request, enterprise, Robot(ent_id=enterprise.code, kind=kind))


@for_keys(for_notifications)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    enterprise = chosen(request)
    return edit(request, enterprise, get_object_or_404(setup.of(enterprise), pk=pk))


def edit(request: HttpRequest, enterprise: Enterprise, robot: Robot) -> HttpResponse:
    form = RobotForm(request.POST or None, instance=robot, enterprise=enterprise)
    secrets.filled_in_by(cast(Member, request.user), form)
    is_new = robot.pk is None
    if request.method == "POST" and form.is_valid():
        stored = form.store(audit.of_request(request))
        if stored is not None:
            if is_new or form.cleaned_data["url"]:
                try_out(request, enterprise, stored, _("Saved."))
            else:
                messages.success(request, _("Saved."))
            return redirect(place("notifications", request, enterprise))
    context = as_form(form, form.sections) | {
        "robot": robot,
        "cancel": place("notifications", request, enterprise) if is_new else "",
        "guide": GUIDES[robot.kind],
    }
    return show(request, enterprise, "form.html", context)


def try_out(request: HttpRequest, enterprise: Enterprise, robot: Robot, before: str = "") -> None:
    """Tests it, and says what came of that on the next page. No transaction waits meanwhile."""
    reason = setup.test(robot, enterprise, audit.of_request(request))
    if not reason:
        text = _("The test message was taken: look into the group.")
        messages.success(request, sentences(before, text))
        return
    text = _("%(robot)s does not work: %(why)s")
    text %= {"robot": robot.name, "why": failures.words(reason)}
    messages.error(request, sentences(before, text))


@require_POST
@for_notifications
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Tests a robot, switches it on or off, or deletes it, which asks first."""
    enterprise = chosen(request)
    robot = get_object_or_404(setup.of(enterprise), pk=pk)
    action = request.POST.get("action", "")
    if action == "delete" and "sure" not in request.POST:
        return ask(request, enterprise, robot)
    by = audit.of_request(request)
    if action == "test":
        try_out(request, enterprise, robot)
    elif action in ("on", "off"):
        setup.switch(robot, action == "on", by)
        text = _("%(name)s is on.") if robot.active else _("%(name)s is off.")
        messages.success(request, text % {"name": robot.name})
    elif action == "delete":
        setup.delete(robot, by)
        messages.success(request, _("%(name)s was deleted.") % {"name": robot.name})
    return redirect(place("notifications", request, enterprise))


def ask(request: HttpRequest, enterprise: Enterprise, robot: Robot) -> HttpResponse:
    lines = [
        _("Its address is deleted, and the group gets nothing more."),
        _("The robot itself stays in the group until somebody removes it there."),
    ]
    title = _("Delete %(name)s?") % {"name": robot.name}
    more = {"act": _("Delete"), "destroys": True}
    more["back"] = place("notifications", request, enterprise)
    return ask_first(request, title, lines, [("action", "delete")], **more)
