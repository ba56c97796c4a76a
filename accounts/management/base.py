"""What the project's own commands share."""

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError


class SetupCommand(BaseCommand):
    """A command that writes people into the database, and needs its tables to be there."""

    def execute(self, *args, **options):
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database cannot be used ({error}). Was it set up? bin/serve does that, "
                "or manage.py migrate."
            ) from error
