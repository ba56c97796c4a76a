from accounts import setup
from accounts.management.base import RecordedCommand, find_enterprise, find_team
from accounts.models import Routing, Team


class Command(RecordedCommand):
    help = (
        "Makes or changes a team, and prints one line of its settings. What is left out stays as"
        " it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug", help="part of the chat page's address: ?team=SLUG")
        parser.add_argument("--enterprise", required=True, metavar="CODE")
        parser.add_argument("--name", help="the name that people see; of a new team its slug")
        parser.add_argument("--routing", choices=Routing.values)
        parser.add_argument(
            "--capacity", type=int, metavar="N", help="conversations of an agent at a time"
        )
        parser.add_argument(
            "--offer-seconds", type=int, metavar="N", help="how long an offer lasts"
        )
        parser.add_argument(
            "--overflow", metavar="SLUG", help='the team that comes to help; "" for none'
        )
        parser.add_argument("--overflow-minutes", type=int, metavar="N")
        parser.add_argument(
            "--bot-seconds", type=int, metavar="N", help="how long a bot has to answer"
        )
        parser.add_argument(
            "--answering-claims", choices=["on", "off"], help="whether an answer claims"
        )

    def handle(self, slug, enterprise, overflow, **options):
        found = find_enterprise(enterprise)
        names = ("name", "routing", "capacity", "offer_seconds", "overflow_minutes", "bot_seconds")
        given = {name: options[name] for name in names if options[name] is not None}
        if options["answering_claims"]:
            given["answering_claims"] = options["answering_claims"] == "on"
        if overflow is not None:
            given["overflow"] = find_team(found, overflow) if overflow else None
        team = setup.find_or_create_team(found, slug, given.get("name", ""))
        if given:
            setup.change_team(team, **given)
        self.stdout.write(line_of(team))


def line_of(team: Team) -> str:
    """One line of a team's settings, as options of this command."""
    settings = {
        "name": team.name,
        "routing": team.routing,
        "capacity": team.capacity,
        "offer-seconds": team.offer_seconds,
        "overflow": team.overflow.slug if team.overflow else "",
        "overflow-minutes": team.overflow_minutes,
        "bot-seconds": team.bot_seconds,
        "answering-claims": "on" if team.answering_claims else "off",
    }
    parts = [f"{name}={value}" for name, value in settings.items()]
    return " ".join([f"Team {team.slug} of {team.enterprise.code}:", *parts])
