"""The base class of the commands that create enterprises and members."""

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError


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
