from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts import setup
from accounts.management.base import RecordedCommand


class Command(RecordedCommand):
    help = "Makes an enterprise with its default team."

    def add_arguments(self, parser):
        parser.add_argument("code", help="part of the chat page's address: /chat/CODE/")
        parser.add_argument("--name", required=True, help="the name that people see")

        parser.add_argument(
            "--language",
            choices=dict(settings.LANGUAGES),
            default=settings.LANGUAGE_CODE,
            help="of the default team's name (%(default)s)",
        )

    def handle(self, code, name, language, **options):
        try:
            enterprise = setup.create_enterprise(code, name, language)
        except ValidationError as error:
            raise CommandError(error_line(error)) from error
        self.stdout.write(f"Enterprise {code} is there; its chat page is {enterprise.chat_path}")


def error_line(error: ValidationError) -> str:
    """The messages of `error` in one line, each after the name of its field."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    fields = error.message_dict.items()
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in fields)
