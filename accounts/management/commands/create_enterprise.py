from django.conf import settings

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
        enterprise = setup.create_enterprise(code, name, language)
        self.stdout.write(f"Enterprise {code} is there; its chat page is {enterprise.chat_path}")
