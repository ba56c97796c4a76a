from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts import setup
from accounts.management.base import RecordedCommand
from accounts.models import Enterprise, Routing, Team

from .create_enterprise import error_line


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
        found = Enterprise.objects.filter(code=enterprise).first()
        if found is None:
            raise CommandError(f"There is no enterprise {enterprise!r}.")
        names = ("name", "routing", "capacity", "offer_seconds", "overflow_minutes", "bot_seconds")
        given = {name: options[name] for name in names if options[name] is not None}
        if options["answering_claims"]:
            given["answering_claims"] = options["answering_claims"] == "on"
        if overflow is not None:
            given["overflow"] = self.other_team(found, overflow)
        try:
            team = setup.find_or_create_team(found, slug, given.get("name", ""))
            if given:
                setup.change_team(team, **given)
        except ValidationError as error:
            raise CommandError(error_line(error)) from error
        self.stdout.write(line_of(team))

    def other_team(self, enterprise: Enterprise, slug: str) -> Team | None:
        if not slug:
            return None
        team = enterprise.teams.filter(slug=slug).first()
        if team is None:
            raise CommandError(f"There is no team {slug!r} in {enterprise.code}.")
        return team


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
