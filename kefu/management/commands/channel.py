from django.core.management.base import CommandError

from accounts import audit
from accounts.management.base import SetupCommand, find_enterprise, find_team, given_value
from accounts.models import DEFAULT_TEAM, Enterprise
from chat.channels import kinds, setup
from chat.channels.contract import Failed
from chat.models import Channel

BY = audit.of_command("channel")


class Command(SetupCommand):
    help = "Adds, lists, tests and switches the channels of an enterprise (docs/channels.md)."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="adds one, and prints where the other side calls")
        add.add_argument("code", help="the enterprise's code")
        add.add_argument("kind", choices=[*kinds.ADAPTERS])
        add.add_argument("--team", metavar="SLUG", help="who is to answer (the default team)")
        add.add_argument("--name")
        text = "its keys; KEY=- reads the value from standard input, one line each"
        add.add_argument("keys", nargs="+", metavar="KEY=VALUE", help=text)
        listed = actions.add_parser("list", help="prints a line for each")
        listed.add_argument("code")
        for name in ("test", "on", "off"):
            one = actions.add_parser(name)
            one.add_argument("code")
            one.add_argument("id")

    def handle(self, action, code, **options):
        enterprise = find_enterprise(code)
        if action == "add":
            self.add(enterprise, **options)
        elif action == "list":
            for channel in setup.of(enterprise).order_by("pk"):
                self.stdout.write(line_of(channel))
        else:
            channel = setup.find(enterprise, options["id"])
            if channel is None:
                raise CommandError(f"There is no channel {options['id']!r} in {code}.")
            self.act(action, channel)

    def add(self, enterprise: Enterprise, kind: str, team, name, keys, **options) -> None:
        serving = find_team(enterprise, team or DEFAULT_TEAM)
        given = dict(map(self.pair, keys))
        try:
            channel = setup.add(enterprise, kind, given, team=serving, name=name or "", by=BY)
        except Failed as failed:
            raise CommandError(f"It was not added: {failed.code} {failed.words}") from failed
        called = kinds.adapter_of(channel).is_called(channel)
        self.stdout.write(setup.path_of(channel) if called else f"channel {channel.key}")

    def pair(self, text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(f"{name!r} is no KEY=VALUE.")
        return name, given_value(value)

    def act(self, action: str, channel: Channel) -> None:
        if action == "test":
            if failed := setup.test(channel, BY):
                raise CommandError(f"{failed.code}: {failed.words}")
            self.stdout.write("It works.")
            return
        try:
            setup.switch(channel, action == "on", BY)
        except Failed as failed:
            raise CommandError(f"{failed.code}: {failed.words}") from failed
        self.stdout.write(line_of(channel))


def line_of(channel: Channel) -> str:
    """One line about it, without its secrets."""
    state = "on" if channel.active else "off"
    words = f" failure={channel.failure}" if channel.failure else ""
    team = channel.team.slug
    return f"{channel.key} {channel.kind} {state} team={team} name={channel.name}{words}"
