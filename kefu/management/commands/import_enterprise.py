from pathlib import Path

from django.core.management.base import CommandError

from accounts.management.base import SetupCommand
from chat.bulk import portability


class Command(SetupCommand):
    help = (
        "Makes an enterprise from a file that export_enterprise has written. All of it is there"
        " afterwards, or nothing. Import only files that you trust: it may hold any account."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the ZIP file")

    def handle(self, file, **options):
        try:
            counts = portability.load(file)
        except portability.Unusable as error:
            raise CommandError(str(error)) from error
        for name, count in counts.items():
            self.stdout.write(f"{name:24} {count:>12,}")
