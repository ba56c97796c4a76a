from django.core.management.base import CommandError

from accounts import tokens
from accounts.management.base import RecordedCommand, find_enterprise
from accounts.models import AccessToken


class Command(RecordedCommand):
    help = "Ends every access token of this name at once, with the sockets that it opened."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the token's, as create_token was given it")
        parser.add_argument("--enterprise", required=True, metavar="CODE")

    def handle(self, name, enterprise, **options):
        found = find_enterprise(enterprise)
        rows = AccessToken.objects.filter(member__enterprise=found).select_related("member")
        # A database may take one capital for the other.
        named = [token for token in rows.order_by("pk") if token.name == name]
        if not named:
            known = ", ".join(sorted({token.name for token in rows if token.ended_at is None}))
            there = f"Those not ended: {known}." if known else "It has none that is not ended."
            raise CommandError(f"There is no token {name!r} in {enterprise}. {there}")
        ending = [token for token in named if token.ended_at is None]
        for token in ending:
            tokens.end(token)
            self.stdout.write(f"Ended a token of {token.member.name}, made {token.created_at:%F}.")
        if not ending:
            self.stdout.write(f"Every token {name!r} in {enterprise} had ended already.")
