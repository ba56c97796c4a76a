import asyncio
import os

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Serves the API to language models by the Model Context Protocol, over standard input and"
        " output, with the access token in the variable KEFU_TOKEN. Needs requirements/mcp.txt."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--url",
            default="http://127.0.0.1:8000",
            help="of the site, as https://chat.example.com; without it %(default)s",
        )

    def handle(self, url, **options):
        token = os.environ.get("KEFU_TOKEN", "").strip()
        if not token:
            raise CommandError("Set KEFU_TOKEN to an access token (manage.py create_token).")
        if not token.isascii() or not token.isprintable():
            raise CommandError("KEFU_TOKEN is no access token.")
        try:
            from kefu.mcp.api import Failed
            from kefu.mcp.server import serve
        except ModuleNotFoundError as error:
            raise CommandError(
                f"The package {error.name} is missing: .venv/bin/pip install --require-hashes"
                " -r requirements/mcp.txt"
            ) from error
        try:
            asyncio.run(serve(url, token))
        except Failed as failed:
            raise CommandError(str(failed)) from failed
        except KeyboardInterrupt:
            pass
