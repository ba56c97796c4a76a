import os
import sys
from zoneinfo import available_timezones

from django.core.management.base import CommandError
from django.utils import timezone

from accounts.management.base import SetupCommand, find_enterprise
from chat.bulk.adoption import report, sources
from chat.bulk.adoption.database import CannotAdopt
from chat.bulk.adoption.run import Run
from chat.visitors.cookies import find_team


class Command(SetupCommand):
    help = (
        "Imports members, conversations, unread counts and times from another database with the"
        " tables of the original schema, from a Live Helper Chat or a Chatwoot. Reports before it"
        " writes, may be stopped anywhere, and takes what has come since when it is run again. See"
        " docs/adoption.md."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "address",
            help="mysql://user:password@host:3306/name, or https://host/app/accounts/1 of a"
            " Chatwoot, with an access token in CHATWOOT_TOKEN",
        )
        parser.add_argument("--enterprise", required=True, metavar="CODE", help="into which one")
        parser.add_argument(
            "--their-enterprise", metavar="ID", help="whose, if there are several (ent_id)"
        )
        parser.add_argument(
            "--zone", metavar="NAME", help="of their clock, such as Europe/Berlin, where it changes"
        )
        go = parser.add_mutually_exclusive_group()
        go.add_argument("--dry-run", action="store_true", help="only report")
        go.add_argument("--yes", action="store_true", help="do not ask after the report")

    def handle(self, address, enterprise, their_enterprise, zone, dry_run, yes, **options):
        found = find_enterprise(enterprise)
        if not (dry_run or yes or sys.stdin.isatty()):
            raise CommandError("Nobody can be asked here: add --yes, or --dry-run.")
        if zone and zone not in available_timezones():
            raise CommandError(f"{zone!r} is no time zone of the tz database.")
        try:
            token = os.environ.get("CHATWOOT_TOKEN", "")
            with sources.opened(address, zone, their_enterprise, token) as make_reader:
                self.adopt(make_reader, found, dry_run, yes)
        except CannotAdopt as error:
            raise CommandError(str(error)) from error

    def adopt(self, make_reader, enterprise, dry_run, yes) -> None:
        team = find_team(enterprise, None)
        now = timezone.now()
        first = make_reader()
        for line in first.describe():
            self.stdout.write(line)
        for _step in Run(first, enterprise, team, now, write=False).steps():
            pass
        self.stdout.write(f"\nWhat would be done, into {enterprise.code}/{team.slug}:")
        self.report(first)
        if dry_run:
            return
        if not yes and input("Import this? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was imported.")
        second = make_reader()
        for number, _step in enumerate(Run(second, enterprise, team, now, write=True).steps(), 1):
            if number % 50 == 0:
                self.stdout.write(f"  … {second.tally.counts.get('messages', 0):,} messages")
        self.stdout.write("\nWhat was done:")
        self.report(second)

    def report(self, reader) -> None:
        for line in report.lines(reader.tally):
            self.stdout.write(line)
