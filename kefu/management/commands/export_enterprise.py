from pathlib import Path

from django.core.management.base import CommandError

from accounts.management.base import SetupCommand, find_enterprise
from chat.bulk import portability


class Command(SetupCommand):
    help = (
        "Writes everything of an enterprise into one file, with which import_enterprise makes it"
        " anew on another installation. Visitors go on writing meanwhile."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        parser.add_argument("file", type=Path, help="a ZIP file that is not there yet")

    def handle(self, code, file, **options):
        enterprise = find_enterprise(code)
        try:
            counts = portability.export(enterprise, file)
        except portability.Unusable as error:
            raise CommandError(str(error)) from error
        for name, count in counts.items():
            self.stdout.write(f"{name:24} {count:>12,}")
