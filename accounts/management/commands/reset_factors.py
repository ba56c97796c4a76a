from django.core.management.base import CommandError

from accounts import factors
from accounts.management.base import RecordedCommand
from accounts.models import Member


class Command(RecordedCommand):
    help = (
        "Removes the second factors of a member who has lost the app and the recovery codes. They"
        " sign in with the password alone then: make sure that it is them who ask."
    )

    def add_arguments(self, parser):
        parser.add_argument("account", help="what the member signs in with")

    def handle(self, account, **options):
        member = Member.objects.filter(name=account.lower()).first()
        if member is None:
            raise CommandError(f"There is no member {account!r}.")
        if not factors.remove_all(member):
            self.stdout.write(f"{member.name} has no second factor.")
            return
        self.stdout.write(f"{member.name} signs in with the password alone now.")
