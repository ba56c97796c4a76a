import json
from pathlib import Path

from django.core.management.base import CommandError

from accounts import audit
from accounts.management.base import SetupCommand, find_enterprise
from accounts.models import Enterprise
from chat.assistant import answering
from chat.embeddings import filling, finder, setting_up
from chat.knowledge import articles, files, index, nearest
from chat.knowledge.search import search
from chat.models import Article

MAX_RESULTS = 100


class Command(SetupCommand):
    help = "Imports, exports and searches the articles of an enterprise (docs/knowledge.md)."

    def add_arguments(self, parser):
        doing = parser.add_subparsers(dest="doing", required=True, metavar="COMMAND")
        for name, text in FOLDERS.items():
            one = doing.add_parser(name, help=text)
            one.add_argument("code", help="the enterprise's code")
            one.add_argument("folder", type=Path)
        one = doing.add_parser("search", help="prints what is found, best first")
        one.add_argument("code", help="the enterprise's code")
        one.add_argument("text")
        one.add_argument("--lang", choices=articles.LANGUAGES, default="", help="all")
        one.add_argument(
            "--audience", choices=Article.Audience.values, default=Article.Audience.PUBLIC
        )
        one.add_argument("--limit", type=int, default=10, metavar="N")
        one.add_argument("--json", action="store_true", help="as a JSON list on the last line")
        one = doing.add_parser("embed", help="makes the vectors of all texts anew")
        one.add_argument("code", help="the enterprise's code")
        doing.add_parser("index", help="writes the index of all enterprises' articles anew")

    def handle(self, doing, code="", **options):
        if doing == "index":
            self.stdout.write(f"{index.rebuild()} articles are in the index.")
            return
        enterprise = find_enterprise(code)
        try:
            getattr(self, f"do_{doing}")(enterprise, **options)
        except OSError as error:
            raise CommandError(f"The folder cannot be used: {error}") from error

    def do_import(self, enterprise: Enterprise, folder: Path, **options):
        origin = audit.of_command("knowledge")
        counts = files.load(enterprise, folder, origin, report=self.report)
        words = ("added", "changed", "unchanged", "bad")
        self.stdout.write(", ".join(f"{counts[word]} {word}" for word in words))
        if counts["bad"]:
            raise CommandError("Bad files were left out.")

    def report(self, name: str, error: Exception):
        self.stderr.write(f"{name}: {files.reason(error)}")

    def do_export(self, enterprise: Enterprise, folder: Path, **options):
        counts = files.save(enterprise, folder, audit.of_command("knowledge"))
        self.stdout.write(", ".join(f"{counts[word]} {word}" for word in ("texts", "pictures")))

    def do_embed(self, enterprise: Enterprise, **options):
        row = setting_up.of(enterprise)
        if row.source == setting_up.OFF:
            raise CommandError(f"Switch it on first: manage.py embeddings {enterprise.code}")
        filling.fill_anew(row, answering.directly)
        have, every = filling.counts(row)
        self.stdout.write(f"{have} of {every} texts have vectors.")
        if failure := setting_up.of(enterprise).failure:
            raise CommandError(failure)

    def do_search(self, enterprise: Enterprise, text, lang, audience, limit, **options):
        if not 1 <= limit <= MAX_RESULTS:
            raise CommandError(f"--limit is from 1 to {MAX_RESULTS}.")
        row = setting_up.of(enterprise)
        if row.source != setting_up.OFF:
            finder.use(row)
            nearest.prepare(enterprise.code, text, filling.WITHIN)
        found = search(enterprise, text, lang, audience, limit)
        if options["json"]:
            names = ("slug", "lang", "title", "score", "snippet")
            results = [{name: getattr(one, name) for name in names} for one in found]
            self.stdout.write(json.dumps(results, ensure_ascii=False))
            return
        for one in found:
            self.stdout.write(f"{one.score:8.4f}  {one.slug}.{one.lang}  {one.title}")


FOLDERS = {
    "import": "stores the articles of a folder",
    "export": "writes the articles into a folder",
}
"""What is done with a folder, and its help."""
