from datetime import timedelta

from django.core.management.base import CommandError
from django.utils import timezone

from accounts import tokens
from accounts.management.base import RecordedCommand, find_enterprise
from accounts.models import DEFAULT_TEAM, AccessToken, Enterprise, Member

MAX_DAYS = 3650


class Command(RecordedCommand):
    help = (
        "Makes an access token for a program, and prints it as the last line, this once. It belongs"
        " to the service account or bot NAME@CODE, which is made if it is not there."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="what the program is called, where it writes, too")
        parser.add_argument("--enterprise", required=True, metavar="CODE")
        parser.add_argument("--bot", action="store_true", help="for a bot, seated in a team")
        parser.add_argument(
            "--team", metavar="SLUG", help=f"the bot's team; without it {DEFAULT_TEAM}"
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=tokens.SCOPES,
            metavar="SCOPE",
            help=f"what it may be used for; without it everything (a bot: all but"
            f" {tokens.Scope.KNOWLEDGE_INTERNAL}): {', '.join(tokens.SCOPES)}",
        )
        parser.add_argument(
            "--days", type=int, metavar="N", help="how long it is valid; without it for good"
        )

    def handle(self, name, enterprise, bot, team, scope, days, **options):
        found = find_enterprise(enterprise)
        if team is not None and not bot:
            raise CommandError("Only a bot has a team: add --bot, or leave --team out.")
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--days is from 1 to {MAX_DAYS}.")
        # What a bot reads it may repeat to visitors.
        usual = {*tokens.SCOPES} - ({tokens.Scope.KNOWLEDGE_INTERNAL} if bot else set())
        chosen = [one for one in tokens.SCOPES if one in (scope or usual)]
        expires = timezone.now() + timedelta(days=days) if days else None
        member = self.account(found, name, bot, team or DEFAULT_TEAM)
        token = AccessToken(member=member, name=name, scopes=chosen, expires_at=expires)
        text = tokens.issue(token)
        until = f"until {expires:%Y-%m-%d %H:%M} UTC" if expires else "without end"
        self.stdout.write(f"A token for {member.name}, {until}, for {', '.join(chosen)}:")
        self.stdout.write(text)

    def account(self, enterprise: Enterprise, name: str, bot: bool, team: str) -> Member:
        if not bot:
            return tokens.service_account(enterprise, name)
        found = enterprise.teams.filter(slug=team).first()
        if found is None:
            slugs = ", ".join(enterprise.teams.order_by("pk").values_list("slug", flat=True))
            what = f"Make one with: manage.py team SLUG --enterprise {enterprise.code}"
            if slugs:
                what = f"Choose one of these with --team: {slugs}."
            raise CommandError(f"There is no team {team!r} in {enterprise.code}. {what}")
        return tokens.bot(found, name)
