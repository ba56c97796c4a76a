"""Makes members of the people who sign in there.

Who has the account of a member of the same enterprise is taken for that person, and nothing of the
member changes. Other accounts that are in use get a number. All come as agents of the enterprise's
team; what more they may do, a manager decides.
"""

import re

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts import audit
from accounts.models import Member, TeamMember
from accounts.passwords.hashers import MD5, Argon2OfMD5
from chat.models import AdoptedMember

from .records import Person, Tally

NOT_IN_ACCOUNTS = re.compile(r"[^\w.@+-]")
MOST = 125, 50, 125
"""Letters of an account, of a nickname, and of a phone number."""


class People:
    """The members of a run. `by_theirs` has their uuids by the ids of the other system."""

    def __init__(self, enterprise, team, source, tally: Tally):
        self.enterprise, self.team, self.source, self.tally = enterprise, team, source, tally
        rows = AdoptedMember.objects.filter(source=source) if source.pk else ()
        self.by_theirs: dict[str, str] = {row.theirs: row.member for row in rows}
        self.new_ones: dict[str, Member] = {}
        """Those who are made by this run, or would be."""

    def take(self, person: Person, write: bool) -> None:
        """Makes a member of a person, or only counts what that would be. Whoever was imported
        before is left as they are here."""
        if person.theirs in self.by_theirs:
            self.tally.add("members_before")
            return
        known = Member.objects.filter(name=clean(person)).first()
        if known and self.is_same(known):
            self.tally.add("members_mapped", f"member {person.theirs}")
            self.by_theirs[person.theirs] = known.uuid
            if write:
                with audit.recording(audit.of_command("adopt")):
                    self.remember(person, known.uuid)
            return
        member = self.new(person)
        self.tally.add("members", member.name)
        self.by_theirs[person.theirs] = member.uuid
        self.new_ones[person.theirs] = member
        if write:
            self.store(person, member)

    def is_same(self, member: Member) -> bool:
        return (
            member.enterprise_id == self.enterprise.pk
            and not member.is_superuser
            and member.uuid not in self.by_theirs.values()
        )

    def new(self, person: Person) -> Member:
        account = self.free(clean(person))
        if account != person.account:
            self.tally.add("accounts_renamed", f"member {person.theirs} is {account}")
        nickname = person.nickname.strip()
        if len(nickname) > MOST[1]:
            self.tally.add("names_cut", f"member {person.theirs}")
        return Member(
            name=account,
            nickname=nickname[: MOST[1]],
            email=self.email(person),
            tel=person.tel[: MOST[2]],
            password=self.password(person),
            status=Member.Status.CLOSED if person.disabled else Member.Status.NORMAL,
            online_status=(Member.OnlineStatus.OFFLINE if person.offline else 1),
            created_at=person.created_at or timezone.now(),
            enterprise=self.enterprise,
        )

    def free(self, account: str) -> str:
        """The account, with a number if somebody has it."""
        name, number = account, 1
        planned = {member.name for member in self.new_ones.values()}
        while name in planned or Member.objects.filter(name=name).exists():
            number += 1
            name = f"{account[: MOST[0] - 8]}-{number}"
        return name

    def email(self, person: Person) -> str:
        try:
            if person.email:
                validate_email(person.email)
            return person.email
        except ValidationError:
            self.tally.add("emails_left", f"member {person.theirs}")
            return ""

    def password(self, person: Person) -> str:
        """What of the password can be told already; a md5 is wrapped when the member is stored."""
        if not MD5.match(person.password):
            self.tally.add("passwords_left", f"member {person.theirs}")
        return make_password(None)

    def store(self, person: Person, member: Member) -> None:
        # It takes a while, so nobody waits for this transaction meanwhile.
        if MD5.match(person.password):
            member.password = Argon2OfMD5().encode_md5(person.password)
        with audit.recording(audit.of_command("adopt")):
            member.save()
            if not person.disabled:
                # They sit where they sit there; a seat everywhere would announce them everywhere.
                place = TeamMember(team=self.team, member=member)
                place.takes_seats = False
                place.save()
            self.remember(person, member.uuid)

    def remember(self, person: Person, uuid: str) -> None:
        AdoptedMember.objects.create(source=self.source, theirs=person.theirs, member=uuid)

    def seated(self) -> dict[str, Member]:
        """Those who can have a seat now, by their ids there."""
        normal = Member.Status.NORMAL
        members = Member.objects.filter(enterprise=self.enterprise, status=normal)
        there = members.in_bulk(list(self.by_theirs.values()), field_name="uuid")
        new = {key: one for key, one in self.new_ones.items() if one.status == normal}
        return new | {key: there[who] for key, who in self.by_theirs.items() if who in there}


def clean(person: Person) -> str:
    """An account that may be signed in with, as near to theirs as can be."""
    account = NOT_IN_ACCOUNTS.sub("_", person.account.strip().lower())[: MOST[0]]
    return account or f"member-{person.theirs}"
