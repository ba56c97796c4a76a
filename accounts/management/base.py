"""The base classes of the commands that set something up, and what they look for."""

import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from accounts import audit
from accounts.models import Enterprise, Team


class SetupCommand(BaseCommand):
    """A command that needs the tables: without them it fails with advice, not a traceback; where
    a value is refused, with a line that says why."""

    def execute(self, *args, **options):
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database cannot be used ({error}). Was it set up? bin/serve does that, "
                "or manage.py migrate."
            ) from error
        except ValidationError as error:
            raise CommandError(error_line(error)) from error


class RecordedCommand(SetupCommand):
    """A command whose changes the audit notes, in one transaction with them."""

    def execute(self, *args, **options):
        with audit.recording(audit.of_command(type(self).__module__.rpartition(".")[2])):
            return super().execute(*args, **options)


def error_line(error: ValidationError) -> str:
    """The messages of `error` in one line, each after the name of its field."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    fields = error.message_dict.items()
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in fields)


def find_enterprise(code: str) -> Enterprise:
    """Raises CommandError."""
    found = Enterprise.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no enterprise {code!r}.")
    return found


def find_team(enterprise: Enterprise, slug: str) -> Team:
    """Raises CommandError."""
    found = enterprise.teams.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no team {slug!r} in {enterprise.code}.")
    return found


def given_value(value):
    """The value of an option: of - the next line of standard input."""
    return sys.stdin.readline().rstrip("\r\n") if value == "-" else value
