from django.core.management.base import CommandError

from accounts import audit
from accounts.management.base import SetupCommand, find_enterprise, find_team, given_value
from accounts.models import Enterprise
from chat.conversations.causes import TOLD
from chat.models import Robot
from chat.notifications.robots import failures, setup
from chat.notifications.robots.platforms import PLATFORMS

BY = audit.of_command("robot")


class Command(SetupCommand):
    help = "Adds, lists, tests and switches the robots of group chats (docs/notifications.md)."

    def add_arguments(self, parser):
        parser.add_argument("code", help="the enterprise's code")
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="prints a line for each")
        add = actions.add_parser("add", help="adds one, and prints its line")
        add.add_argument("kind", choices=[*PLATFORMS])
        add.add_argument("--url", required=True, help="its address; - reads it from standard input")
        text = "what signs, at Feishu and DingTalk; - reads it from the next line there"
        add.add_argument("--secret", default="", help=text)
        add.add_argument("--name", default="")
        add.add_argument("--team", metavar="SLUG", help="whose conversations it hears of (all)")
        told = ",".join(TOLD)
        add.add_argument("--causes", default=told, help=f"some of {told}, by commas (all)")
        text = "with the visitor's name and last message"
        add.add_argument("--words", action="store_true", help=text)
        for name in ("test", "on", "off", "remove"):
            one = actions.add_parser(name)
            one.add_argument("id", type=int)

    def handle(self, code, action, **options):
        enterprise = find_enterprise(code)
        if action == "list":
            for robot in setup.of(enterprise).order_by("pk"):
                self.stdout.write(line_of(robot))
        elif action == "add":
            self.add(enterprise, **options)
        else:
            robot = setup.find(enterprise, options["id"])
            if robot is None:
                raise CommandError(f"There is no robot {options['id']} in {code}.")
            self.act(action, robot, enterprise)

    def add(self, enterprise: Enterprise, kind, url, secret, name, team, causes, words, **options):
        serving = find_team(enterprise, team) if team else None
        robot = Robot(ent_id=enterprise.code, kind=kind)
        columns = {"name": name, "team": serving, "with_words": words}
        columns["causes"] = [one for one in causes.split(",") if one]
        setup.store(
            robot, BY, url=given_value(url).strip(), secret=given_value(secret).strip(), **columns
        )
        self.stdout.write(line_of(robot))

    def act(self, action: str, robot: Robot, enterprise: Enterprise) -> None:
        if action == "test":
            if reason := setup.test(robot, enterprise, BY):
                raise CommandError(failures.words(reason))
            self.stdout.write("The test message was taken.")
        elif action == "remove":
            setup.delete(robot, BY)
        else:
            setup.switch(robot, action == "on", BY)
            self.stdout.write(line_of(robot))


def line_of(robot: Robot) -> str:
    """One line about it, without its address."""
    state = "on" if robot.active else "off"
    failure = f" failure={robot.failure.partition(' ')[0]}" if robot.failure else ""
    team = robot.team.slug if robot.team else "*"
    causes = ",".join(robot.causes)
    return f"{robot.pk} {robot.kind} {state} team={team} causes={causes} name={robot.name}{failure}"
