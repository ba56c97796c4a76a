"""The base class of the commands that create enterprises and members."""

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from accounts import audit


class SetupCommand(BaseCommand):
    """A command that needs the tables: without them it fails with advice, not a traceback."""

    def execute(self, *args, **options):
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database cannot be used ({error}). Was it set up? bin/serve does that, "
                "or manage.py migrate."
            ) from error


class RecordedCommand(SetupCommand):
    """A command whose changes the audit notes, in one transaction with them."""

    def execute(self, *args, **options):
        with audit.recording(audit.of_command(type(self).__module__.rpartition(".")[2])):
            return super().execute(*args, **options)
