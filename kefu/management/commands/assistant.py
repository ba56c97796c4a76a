from accounts.management.base import RecordedCommand, find_enterprise, find_team, given_value
from accounts.models import Assistant
from chat.assistant import assistants


class Command(RecordedCommand):
    help = (
        "Sets up the assistant of an enterprise, and prints one line of its settings. What is left"
        " out stays as it is; without an option it only prints (docs/assistant.md)."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        parser.add_argument(
            "--team", action="append", metavar="SLUG", help="the teams that it answers for"
        )
        parser.add_argument("--url", help="the base of an OpenAI-compatible endpoint, up to /v1")
        parser.add_argument("--model", metavar="NAME")
        # Read before the transaction, which holds the lock of all who write.
        text = "the endpoint's key; - reads it from standard input"
        parser.add_argument("--key", type=given_value, help=text)
        parser.add_argument("--mode", choices=Assistant.Mode.values)
        parser.add_argument("--when", choices=Assistant.When.values)
        parser.add_argument("--daily-tokens", type=int, metavar="N", help="0: it always hands over")

    def handle(self, code, team, key, **options):
        enterprise = find_enterprise(code)
        teams = None if team is None else [find_team(enterprise, slug) for slug in team]
        names = ("url", "model", "mode", "when", "daily_tokens")
        given = {name: options[name] for name in names if options[name] is not None}
        if not given and teams is None and key is None and assistants.of(enterprise.code) is None:
            self.stdout.write(f"{enterprise.code} has no assistant.")
            return
        found = assistants.make(enterprise)
        assistants.change(found, teams, key, **given)
        self.stdout.write(line_of(found))


def line_of(assistant: Assistant) -> str:
    """One line of its settings, as options of this command; of the key only whether there is
    one."""
    teams = assistant.member.places.order_by("team_id").values_list("team__slug", flat=True)
    settings = {
        "team": ",".join(teams),
        "url": assistant.url,
        "model": assistant.model,
        "key": "set" if assistant.sealed else "none",
        "mode": assistant.mode,
        "when": assistant.when,
        "daily-tokens": assistant.daily_tokens,
    }
    parts = [f"{name}={value}" for name, value in settings.items()]
    return " ".join([f"Assistant {assistant.member.name}:", *parts])
