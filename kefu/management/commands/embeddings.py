from accounts.management.base import RecordedCommand, find_enterprise, given_value
from accounts.models import Embeddings
from chat.embeddings import filling, setting_up


class Command(RecordedCommand):
    help = (
        "Sets up the search by meaning of an enterprise, and prints one line of it. What is left"
        " out stays as it is (docs/knowledge.md)."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        parser.add_argument("--url", help="the base of an OpenAI-compatible endpoint, up to /v1")
        parser.add_argument("--model", metavar="NAME")
        # Read before the transaction, which holds the lock of all who write.
        text = "the endpoint's key; - reads it from standard input"
        parser.add_argument("--key", type=given_value, help=text)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--local", action="store_true", help="the model on this server")
        which.add_argument("--off", action="store_true")

    def handle(self, code, key, local, off, **options):
        enterprise = find_enterprise(code)
        given = {name: options[name] for name in ("url", "model") if options[name] is not None}
        if given or key is not None:
            given["source"] = setting_up.ENDPOINT
        if local or off:
            given["source"] = setting_up.LOCAL if local else setting_up.OFF
        row = setting_up.of(enterprise)
        if given:
            setting_up.change(row, key, **given)
        self.stdout.write(line_of(row))


def line_of(row: Embeddings) -> str:
    """One line of the settings; of the key only whether there is one."""
    have, every = filling.counts(row)
    parts = [f"source={row.source}", f"url={row.url}", f"model={row.model}"]
    parts += [f"key={'set' if row.sealed else 'none'}", f"texts={have}/{every}"]
    return " ".join([f"Embeddings of {row.enterprise.code}:", *parts])
