from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from chat.bulk import evaluation
from chat.protocol.errors import Refused


class Command(BaseCommand):
    help = (
        "Prints how often questions find the right article: the first one, one of three, and as a"
        " suggestion while it is written; where no article is right, how often any is found. FOLDER"
        " has articles as SLUG.LANG.md, and questions.csv with question, lang, slugs and kind."
        " Nothing of it stays."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, folder, **options):
        try:
            figures = evaluation.evaluate(folder)
        except (OSError, ValueError, KeyError, Refused) as error:
            raise CommandError(f"{folder} cannot be evaluated: {error}") from error
        self.stdout.write(f"{'kind':12}{'questions':>10}{'hit@1':>8}{'hit@3':>8}{'suggested':>11}")
        for kind, one in figures.items():
            shares = [part / one.questions for part in (one.first, one.among_three, one.suggested)]
            line = "{:8.2f}{:8.2f}{:11.2f}".format(*shares)
            self.stdout.write(f"{kind:12}{one.questions:10}{line}")
