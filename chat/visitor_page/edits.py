"""What is changed of a customer on their page: values of attributes, notes and tags. Each belongs
to one of their visitors or conversations, and is changed where it stands."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import Attribute, Member
from chat.conversations import tags
from chat.customers import attributes
from chat.models import Conversation, Visitor
from chat.posting import batches, visitor_forms
from chat.posting.actions import Action
from chat.posting.items import Draft
from chat.posting.visitor_actions import VisitorAction
from chat.protocol import checks
from chat.protocol.errors import Refused, explain
from chat.protocol.forms import ActionForm
from chat.protocol.selection import tag_key

from . import page

BEFORE = "before."
"""How the names of fields begin that say which value of an attribute the page had."""
KINDS = {
    Attribute.Kind.TEXT: _("Write one line of at most 500 characters."),
    Attribute.Kind.NUMBER: _("Write a number in digits, such as 12.5."),
    Attribute.Kind.DATE: _("Write a day, such as 2026-11-30."),
    Attribute.Kind.LINK: _("Write an address that begins with https:// or http://."),
    Attribute.Kind.CHOICE: _("Choose one of the values."),
}
"""What an attribute takes, where it did not take its value."""
TAG = _("Write a tag of at most 30 characters.")
FULL = _("This conversation has 20 tags already. Remove one first.")

Form = Mapping[str, str]


def give(member: Member, people: list[Visitor], form: Form) -> None:
    """Gives the values that are others than the page had to each visitor who has one, or to the one
    who names the customer. Refuses with bad_field, and then gives none: the fact `wrong` says by
    key what each attribute takes."""
    known, given = attributes.known(people[0].ent_id), visitor_forms.values_of(form)
    changed = {key: text for key, text in given.items() if text != form.get(BEFORE + key)}
    values, refused = attributes.kept(known, changed)
    if refused:
        wrong = {key: KINDS[known[key].kind] for key in refused if key in known}  # type: ignore[index]
        raise Refused("bad_field", "An attribute does not take its value.", wrong=wrong)
    held = {key for one in people for key in one.attributes}
    groups = page.latest_groups(people, member)
    for one in people:
        own = {*one.attributes, *(values.keys() - held if one is people[0] else ())}
        if some := {key: value for key, value in values.items() if key in own}:
            group = groups.get(one.uuid, "")
            action = VisitorAction("edit", member.uuid, group, attributes=some, visitor=one.uuid)
            batches.do(action)


def write_note(member: Member, people: list[Visitor], form: Form) -> None:
    """Writes a note to the latest conversation. Refuses with `wrong`, what `content` takes."""
    given = {name: form.get(name) for name in ("client_id", "content")}
    frame = {**given, "group": target(member, people).uuid, "note": True}
    try:
        note = checks.check_send(frame, visitor=False)
    except Refused as refused:
        refused.facts["wrong"] = {"content": explain(refused)}
        raise
    batches.post(Draft.of_member(note, member, note.group))


def tag(member: Member, people: list[Visitor], form: Form) -> None:
    """Puts a tag on the latest conversation. Refuses with `wrong`, what `tag` takes."""
    talk = target(member, people)
    try:
        asked = tagging(form, talk)
    except Refused as refused:
        refused.facts["wrong"] = {"tag": TAG}
        raise
    if len(talk.tags) >= tags.MOST:
        raise Refused("conflict", "The conversation has too many tags.", wrong={"tag": FULL})
    batches.do(Action(asked, member.uuid))


def untag(member: Member, people: list[Visitor], form: Form) -> None:
    """Takes a tag off all conversations."""
    for talk in page.conversations(people, page.acting(member)):
        asked = tagging(form, talk)
        if tag_key(asked.tag) in map(tag_key, talk.tags):
            batches.do(Action(asked, member.uuid))


def target(member: Member, people: list[Visitor]) -> Conversation:
    """The conversation that notes and tags go to: the latest one, but none in quarantine, where
    nothing is done before somebody has said whether it is spam."""
    for talk in page.conversations(people, page.acting(member)):
        if talk.state != "quarantined":
            return talk
    raise Refused("not_found", "There is no conversation.")


def tagging(form: Form, talk: Conversation) -> ActionForm:
    frame = {"type": f"conversation.{form['action']}", "group": talk.uuid, "tag": form.get("tag")}
    return checks.check_frame(frame, visitor=False)  # type: ignore[return-value]


GIVE = "attributes"
EDITS = {GIVE: give, "note": write_note, "tag": tag, "untag": untag}
"""What does what a form asks for, by its `action`."""


def fields(code: str, values: dict, form: Form, wrong: Mapping) -> list[dict]:
    """The attributes as the form for them has them (attributes.rows), each with the value `before`
    and what it takes (`error`), if anything was `wrong`. What was written in a refused form
    stands in the fields again."""
    found, wrong = attributes.rows(code, values), wrong if form.get("action") == GIVE else {}
    for row in found:
        name = f"{visitor_forms.VALUE}{row['key']}"
        row["before"] = form.get(BEFORE + row["key"], row["value"])
        row["value"], row["error"] = form.get(name, row["value"]), wrong.get(row["key"])
    return found
