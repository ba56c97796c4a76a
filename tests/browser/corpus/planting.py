"""Puts the corpus into every text that is stored, past all doors: each payload in a row of its own,
and all of them in one row, for pages that show a single one. Prints as JSON where to look.

`python -m tests.browser.corpus.planting CODE`, in the environment of a served product, which then
has an enterprise CODE with the agents of fill_database.py; CODE-alice manages it. The columns may
be shorter than what is put into them: SQLite does not mind.
"""

import json
import os
import sys
from datetime import timedelta

from . import knowledge, outside
from .payloads import PAYLOADS, WHOLE
from .texts import dressed, planted, rewrite
from .thread import furnish, long_conversation


def main(code: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from django.db import transaction

    from accounts.models import Member

    from .. import fill_database

    fill_database.fill(code, 0, 0)
    with transaction.atomic():
        places = plant(code, Member.objects.get(name=f"{code}-alice"))
    print(json.dumps({**places, "planted": planted()}))


def plant(code: str, alice) -> dict:
    from django.utils import timezone

    from accounts.models import AuditRow, Enterprise, Member, Team
    from chat.models import Conversation, LegalHold, Tag, Visitor
    from chat.models.conversation import ConversationTag
    from chat.protocol.selection import tag_key
    from chat.visitors.links import address

    now = timezone.now()
    home = alice.enterprise
    others = Enterprise.objects.bulk_create(
        dressed(Enterprise, text, code=f"{code}-{number}", status=number == 0)
        for number, text in enumerate(PAYLOADS)
    )
    dressed(Team, WHOLE, enterprise=others[0], slug="service").save()
    sites = f"{WHOLE}\nhttps://shop.example"
    asked = dict.fromkeys(("ask_name", "ask_email", "ask_phone"), 1)
    rewrite(Enterprise, home.pk, WHOLE, sites=sites, visits_told=True, **asked)
    greet_and_invite(home, others, now)
    teams = Team.objects.bulk_create(dressed(Team, text, enterprise=home) for text in PAYLOADS)
    service = home.teams.get(slug="service")
    rewrite(Team, service.pk, WHOLE, slug="service")
    people = make_people(home, service, alice)
    visitors = Visitor.objects.bulk_create(
        dressed(Visitor, text, ent_id=code, secret_hash="0" * 64) for text in PAYLOADS
    )
    made = Conversation.objects.bulk_create(
        dressed(
            Conversation,
            text,
            ent_id=code,
            visitor=visitor,
            team=team,
            claimed_by=person.uuid,
            last_activity=now - timedelta(minutes=number),
            **dict.fromkeys(("last_seq", "public_seq", "message_seq"), 1),
        )
        for number, (text, visitor, team, person) in enumerate(
            zip(PAYLOADS, visitors, teams, people, strict=True)
        )
    )
    for row in zip(PAYLOADS, made, people, strict=True):
        furnish(*row, alice)
    LegalHold.objects.bulk_create(
        dressed(LegalHold, text, ent_id=code, visitor=visitor, group_id="")
        for text, visitor in zip(PAYLOADS, visitors, strict=True)
    )
    for text, conversation in zip(PAYLOADS, made, strict=True):
        tag, _made = Tag.objects.get_or_create(
            ent_id=code, key=tag_key(text), defaults={"name": text}
        )
        ConversationTag.objects.create(conversation=conversation, tag=tag)
    answers = make_answers(home, teams, service)
    token, reader = reading_visitor(home)
    long = long_conversation(home, service, reader, people, alice)
    closed_out = Visitor.objects.bulk_create(
        [dressed(Visitor, WHOLE, ent_id=code, secret_hash="0" * 64, blocked=True, **own_address())]
    )[0]
    short, mailed = Conversation.objects.bulk_create(
        dressed(
            Conversation,
            WHOLE,
            ent_id=code,
            visitor=closed_out,
            team=team,
            last_activity=now,
            open=is_open,
            **dict.fromkeys(("last_seq", "public_seq", "message_seq"), 1),
        )
        for team, is_open in ((service, False), (teams[0], True))
    )
    for one in (short, mailed):
        furnish(WHOLE, one, people[0], alice)
    dressed(LegalHold, WHOLE, ent_id=code, visitor=reader, group_id=long.uuid).save()
    kept = knowledge.keep(home, others, alice, reader)
    kept |= outside.connect(home, service, [*made, mailed], alice)
    log_what_was_done(home, alice)
    names_of_managers(home, alice)
    return {
        **token,
        **answers,
        **kept,
        **{what: address(what, short, home) for what in ("back", "stop")},
        "long": long.uuid,
        "last_seq": long.last_seq,
        "blocked": short.uuid,
        "mailed": mailed.uuid,
        "mailer": closed_out.uuid,
        "enterprise": home.pk,
        "team": service.pk,
        "conversation": long.pk,
        "visitor": reader.pk,
        "audit": AuditRow.objects.get(object_name=WHOLE).pk,
        "member": Member.objects.get(nickname=WHOLE, tel=WHOLE, role=2).pk,
    }


def greet_and_invite(home, others: list, now) -> None:
    """Greetings of other enterprises, and one of home that is shown at once; who is on home's site,
    for as long as the tests take."""
    from accounts.models import GreetingRule
    from chat.models import SiteVisit

    GreetingRule.objects.bulk_create(
        [
            *(
                dressed(GreetingRule, text, enterprise=other)
                for text, other in zip(PAYLOADS, others, strict=True)
            ),
            dressed(GreetingRule, WHOLE, enterprise=home, page="*", seconds=0, only_staffed=False),
        ]
    )
    times = {"began_at": now, "seen_at": now + timedelta(days=1), "invited_at": now}
    SiteVisit.objects.bulk_create(
        dressed(SiteVisit, text, enterprise=home, key=f"{number:032x}", **times)
        for number, text in enumerate(PAYLOADS)
    )


def make_people(home, service, alice) -> list:
    """A member for each payload, of whom the last has all of them; and alice has, too."""
    from accounts.models import Member, TeamMember

    people = Member.objects.bulk_create(
        dressed(Member, text, enterprise=home, password="!", avator=f"/avatars/{text}")
        for text in PAYLOADS
    )
    whole = Member.objects.bulk_create(
        [dressed(Member, WHOLE, enterprise=home, password="!", avator=f"/avatars/{WHOLE}")]
    )
    TeamMember.objects.bulk_create(TeamMember(team=service, member=one) for one in people + whole)
    alices = {"nickname": WHOLE, "tel": WHOLE, "role": Member.Role.MANAGER}
    Member.objects.filter(pk=alice.pk).update(**alices)
    return people


def make_answers(home, teams: list, service) -> dict:
    """Canned replies, quick questions and topics. Of the last two a page shows a few, so that the
    default team has all payloads in the first of them."""
    from accounts.models import Topic
    from chat.models import CannedReply, QuickQuestion

    CannedReply.objects.bulk_create(
        dressed(CannedReply, text, enterprise=home) for text in [*PAYLOADS, WHOLE]
    )
    size = -(-len(PAYLOADS) // 20)
    some = ["\n".join(PAYLOADS[at : at + size]) for at in range(0, len(PAYLOADS), size)]
    for model in (QuickQuestion, Topic):
        model.objects.bulk_create(dressed(model, text, team=service) for text in some)
        model.objects.bulk_create(
            dressed(model, text, team=team, position=1)
            for text, team in zip(PAYLOADS, teams, strict=True)
        )
    return {
        "reply": CannedReply.objects.get(title=WHOLE).pk,
        "question": service.questions.first().pk,
        "topic": service.topics.first().pk,
    }


def reading_visitor(home) -> tuple[dict, object]:
    """A visitor whose cookie a browser can be given: its name and value."""
    import hashlib

    from chat.models import Visitor
    from chat.visitors import cookies as visitors

    token = visitors.new_token(home)
    who, _dot, secret = visitors.signer(home).unsign(token).partition(".")
    digest = hashlib.sha256(secret.encode()).hexdigest()
    own = {"uuid": who, "secret_hash": digest, **own_address()}
    reader = Visitor.objects.bulk_create([dressed(Visitor, WHOLE, ent_id=home.code, **own)])[0]
    return {"cookie": visitors.cookie_name(home), "token": token}, reader


def own_address() -> dict:
    """A contact to which a link may lead."""
    from chat.models.visitor import ContactBy

    return {"contact": f"{WHOLE} reader@shop.example", "contact_by": ContactBy.VISITOR}


def log_what_was_done(home, alice) -> None:
    """What the administration's first page and its history tell."""
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.contenttypes.models import ContentType

    from accounts.models import Enterprise

    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=alice.pk,
            content_type=ContentType.objects.get_for_model(Enterprise),
            object_id=str(home.pk),
            object_repr=text,
            action_flag=CHANGE,
            change_message=text,
        )
        for text in [*PAYLOADS, WHOLE]
    )
    audit_rows(home, Enterprise)


def names_of_managers(home, alice) -> None:
    """What managers name: access tokens, and views of the archive."""
    from accounts.models import AccessToken, Member
    from chat.models import SavedView

    service = Member(name=f"service@{home.code}", enterprise=home, role=Member.Role.SERVICE)
    service.set_unusable_password()
    service.save()
    AccessToken.objects.bulk_create(
        dressed(AccessToken, text, member=service, digest=f"{number:064x}")
        for number, text in enumerate([*PAYLOADS, WHOLE])
    )
    SavedView.objects.bulk_create(
        dressed(SavedView, text, member=alice, enterprise=home) for text in [*PAYLOADS, WHOLE]
    )


def audit_rows(home, model) -> None:
    """Rows of the audit that say everything in payloads, before and after too."""
    from django.utils import timezone

    from accounts.models import AuditRow

    kinds = {"kind": model._meta.model_name, "action": "changed"}
    AuditRow.objects.bulk_create(
        dressed(
            AuditRow,
            text,
            chain=home.pk,
            number=10_000 + number,
            at=timezone.now(),
            details=json.dumps({"before": {"name": text}, "after": {text: text}}),
            **(kinds if text == WHOLE else {}),
        )
        for number, text in enumerate([*PAYLOADS, WHOLE])
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    main(sys.argv[1])
