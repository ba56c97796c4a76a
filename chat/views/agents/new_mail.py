"""The page on which a member begins a thread of mails: to somebody whose page or conversation they
come from, or to an address that they type."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import rights
from accounts.models import Member
from chat.channels.mail import sending, starting
from chat.limits import limits, member_keys
from chat.models import Channel, Visitor, theirs
from chat.presence import leases
from chat.protocol import contacts, events
from chat.protocol.checks import MAX_CONTENT
from chat.protocol.errors import Refused, explain
from chat.views.refusals import answer_refusals
from chat.visitor_page.page import HOW

from .customers import readable
from .workspace import for_agents

TYPED = "typed"
"""The value of `to` for an address that is written."""
WRONG = {
    "subject": gettext_lazy("A mail needs a subject."),
    "address": gettext_lazy("Enter one address, and none of your own mailboxes."),
}
"""What is wrong with a field, where the refusal only says which."""


class MailForm(forms.Form):
    """A first mail. `to` is the visitor (uuid) whose address it goes to; where none is known it is
    TYPED, and `address` is written, unless the member does not see contact data. A retry under the
    same `client_id` sends nothing."""

    client_id = forms.CharField(widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=pgettext_lazy("mail", "From"))
    to = forms.ChoiceField(label=pgettext_lazy("mail", "To"))
    address = forms.EmailField(
        label=gettext_lazy("E-mail address"), max_length=starting.MOST, required=False
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=sending.SUBJECT)
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=MAX_CONTENT,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
    )

    def __init__(self, boxes: list[Channel], people: list[Visitor], sees: bool, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            (one.key, f"{one.name} · {one.settings.get('address', '')}") for one in boxes
        ]
        if all(one.settings.get("subject") for one in boxes):
            self.fields["subject"].required = False
            self.fields["subject"].help_text = _("Left empty, the mailbox's own.")
        known = [(one.uuid, address_words(one, sees)) for one in people]
        typed = [(TYPED, "")] if sees and not known else []
        self.fields["to"].choices = known + typed  # type: ignore[attr-defined]
        if not known:
            self.fields["to"].initial = TYPED
            self.fields["to"].widget = forms.HiddenInput()
        if not typed:
            del self.fields["address"]

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if "address" in self.fields and cleaned.get("to") == TYPED:
            if not cleaned.get("address") and "address" not in self.errors:
                self.add_error("address", self.fields["to"].error_messages["required"])
        return cleaned


def address_words(visitor: Visitor, sees: bool) -> str:
    """The address of a visitor and how it is known, as the member sees it."""
    address = visitor.email if sees else contacts.mask(visitor.email)
    signed = visitor.identity.get("email") == visitor.email
    how = HOW[visitor.identity.get("by", "site") if signed else visitor.contact_by]  # type: ignore[index]
    return f"{address} ({how})"


def refused_page(
    request: HttpRequest, refused: Refused, visitor: uuid.UUID | None = None
) -> HttpResponse:
    """The page with what was written, and why it was not sent."""
    form = form_of(request, visitor)
    name = refused.facts.get("field")
    known = "to" if name == "address" and "address" not in form.fields else name
    words = WRONG.get(str(name)) or explain(refused)
    form.add_error(known if known in form.fields else None, str(words))
    return shown(request, form, visitor, refused.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
@answer_refusals(refused_page)
def page(request: HttpRequest, visitor: uuid.UUID | None = None) -> HttpResponse:
    """The form; POST sends the mail and leads to its conversation. 404 without a mailbox in which
    the member may write, and for a visitor of whom they may read nothing."""
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    form = form_of(request, visitor)
    if request.method != "POST":
        return shown(request, form, visitor)
    if not form.is_valid():
        return shown(request, form, visitor, 400)
    limits.take("message", member_keys(member.uuid))
    leases.come_back(member)
    asked = form.cleaned_data
    people = {one.uuid: one.email for one in addressed(member, visitor)}
    channel = starting.boxes_of(member).get(key=asked["channel"])
    address = asked["address"] if asked["to"] == TYPED else people[asked["to"]]
    said = asked["subject"], asked["text"], asked["client_id"]
    return redirect("conversation", starting.start(member, channel, address, *said))


def form_of(request: HttpRequest, visitor: uuid.UUID | None) -> MailForm:
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    boxes = list(starting.boxes_of(member).order_by("name", "pk"))
    if not boxes:
        raise Http404
    people = addressed(member, visitor)
    fields = request.POST if request.method == "POST" else None
    initial = {"client_id": str(uuid.uuid4())}
    return MailForm(boxes, people, member.sees_contacts, fields, initial=initial)


def addressed(member: Member, visitor: uuid.UUID | None) -> list[Visitor]:
    """Those of a customer who have an address, the proven ones first."""
    if visitor is None:
        return []
    people = readable(member, str(visitor), None if member.may(rights.READ_ALL) else member)
    if not people:
        raise Http404
    found = {one.email: one for one in reversed(people) if one.email and not one.is_blocked}
    return sorted(found.values(), key=lambda one: not one.is_proven)


def shown(
    request: HttpRequest, form: MailForm, visitor: uuid.UUID | None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "visitor": visitor, "can": bool(form.fields["to"].choices)}  # type: ignore[attr-defined]
    if visitor:
        member: Member = request.user  # type: ignore[assignment]  # for_agents
        row = Visitor.objects.get(theirs(member.enterprise.code), uuid=visitor)  # type: ignore[union-attr]
        context["name"] = events.visitor_facts(row, member.sees_contacts)["name"]
    return render(request, "chat/agent/new_mail.html", context, status=status)
