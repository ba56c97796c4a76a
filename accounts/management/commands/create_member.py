from django.core.management.base import CommandError

from accounts import rights, setup
from accounts.management.base import RecordedCommand, find_enterprise
from accounts.models import DEFAULT_TEAM
from accounts.passwords.strength import MinimumLength, weaknesses

UNSEATED = "supervisor", "analyst"
"""Those who get a place in a team only where one is named."""


class Command(RecordedCommand):
    help = "Makes a member of an enterprise, with a place in one of its teams."

    def add_arguments(self, parser):
        parser.add_argument("account", help="what the member signs in with")
        parser.add_argument("--enterprise", required=True, metavar="CODE")
        parser.add_argument("--role", required=True, choices=rights.OF_PEOPLE)
        parser.add_argument(
            "--team",
            metavar="SLUG",
            help=f"made if it is not there; without it, agents and managers are in {DEFAULT_TEAM},"
            " supervisors in none; analysts are in none",
        )
        parser.add_argument("--nickname", default="", help="the name that visitors see")
        parser.add_argument("--password", help="without it, a random one is printed")

    def handle(self, account, enterprise, role, team, nickname, password, **options):
        found = find_enterprise(enterprise)
        if password == "":
            raise CommandError("An empty password is none; leave --password out for a random one.")
        chosen = password or setup.random_password()
        MinimumLength().validate(chosen)
        member = setup.create_member(
            account,
            chosen,
            enterprise=found,
            role=rights.OF_PEOPLE[role],
            nickname=nickname,
            # A printed password has been seen; one that was given is as it was wanted.
            must_change_password=password is None,
        )
        if team is None and role not in UNSEATED:
            team = DEFAULT_TEAM
        new = team is not None and not found.teams.filter(slug=team).exists()
        if team is not None:
            setup.join_team(member, setup.find_or_create_team(found, team))
        made = " (a new team)" if new else ""
        place = f"team {team}{made}" if team is not None else "no team"
        self.stdout.write(f"Member {member.name} is there, {role} of {found.code}, {place}.")
        for weakness in weaknesses(password, member) if password else []:
            self.stdout.write(f"warning: the password is weak. {weakness}")
        if password is None:
            self.stdout.write(f"Password, to be changed at the first sign-in: {chosen}")
