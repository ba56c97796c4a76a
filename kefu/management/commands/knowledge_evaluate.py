from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Embeddings, Enterprise
from chat.assistant import answering
from chat.bulk import evaluation
from chat.embeddings import filling, finder, setting_up
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
        parser.add_argument(
            "--like", metavar="CODE", help="also by meaning, with this enterprise's embeddings"
        )

    def handle(self, folder, like, **options):
        self.show("kind", folder)
        if like:
            self.show("by meaning", folder, embedded(like))

    def show(self, title, folder, prepare=None):
        try:
            figures = evaluation.evaluate(folder, prepare)
        except (OSError, ValueError, KeyError, Refused) as error:
            raise CommandError(f"{folder} cannot be evaluated: {error}") from error
        self.stdout.write(f"{title:12}{'questions':>10}{'hit@1':>8}{'hit@3':>8}{'suggested':>11}")
        for kind, one in figures.items():
            shares = [part / one.questions for part in (one.first, one.among_three, one.suggested)]
            line = "{:8.2f}{:8.2f}{:11.2f}".format(*shares)
            self.stdout.write(f"{kind:12}{one.questions:10}{line}")


def embedded(code: str) -> Callable[[Enterprise], None]:
    """Gives an enterprise the settings of another one's search by meaning, and its vectors."""
    settings = Embeddings.objects.exclude(source=setting_up.OFF).filter(enterprise__code=code)
    names = "source", "url", "model", "sealed"
    found = settings.values(*names).first()
    if found is None:
        raise CommandError(f"The search by meaning of {code} is off.")

    def prepare(enterprise: Enterprise) -> None:
        row = Embeddings.objects.create(enterprise=enterprise, **found)
        filling.fill(row, answering.directly)
        row.refresh_from_db()
        if row.failure:
            raise CommandError(row.failure)
        finder.use(row)

    return prepare
