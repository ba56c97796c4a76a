from django.core.management.base import CommandError

from accounts import setup
from accounts.management.base import RecordedCommand, find_enterprise
from accounts.models import Attribute


class Command(RecordedCommand):
    help = (
        "Makes or changes an attribute of an enterprise's customers, and prints one line about it."
        " What is left out stays as it is. A kind or choices by which stored values would be lost"
        " are refused."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="of the enterprise")
        parser.add_argument("key", help="as programs, tokens and CSV files name it")
        parser.add_argument("--kind", required=True, choices=Attribute.Kind.values)
        parser.add_argument("--label", help="as colleagues read it; of a new attribute its key")
        parser.add_argument(
            "--choice",
            action="append",
            dest="choices",
            help="of the kind choice, once for each; they replace those that there are",
        )

    def handle(self, code, key, kind, label, choices, **options):
        enterprise = find_enterprise(code)
        if choices and kind != Attribute.Kind.CHOICE:
            raise CommandError("--choice goes with --kind choice alone.")
        given = {"label": label, "choices": choices}
        given = {name: value for name, value in given.items() if value is not None}
        one = setup.define_attribute(enterprise, key, kind=kind, **given)
        line = f"Attribute {one.key} of {code}: label={one.label} kind={one.kind}"
        self.stdout.write(" ".join([line, *(f"choice={choice}" for choice in one.choices)]))
