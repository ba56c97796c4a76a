from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from accounts import setup
from accounts.management.base import SetupCommand
from accounts.models import Enterprise, Member
from accounts.passwords import problems

CODE = "demo"
TEAM_NAME = "在线客服"
NICKNAMES = {"alice": "小艾", "bob": "小博", "carol": "小卡"}
ACCOUNTS = ["admin", "manager", *NICKNAMES]
AGENT, MANAGER = Member.Role.AGENT, Member.Role.MANAGER


class Command(SetupCommand):
    help = (
        "Makes the demo enterprise with its people; what is there already stays as it is. Where"
        " PUBLIC_URL is https, --password is for no superuser."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--password", help="set for the demo's accounts; without it, new ones get random ones"
        )

    @transaction.atomic
    def handle(self, password, **options):
        if password == "":
            raise CommandError("An empty password is none; leave --password out for random ones.")
        enterprise = Enterprise.objects.filter(code=CODE).first()
        self.refuse_strangers(enterprise)
        self.public = settings.PUBLIC_URL.startswith("https://")
        if password and self.public:
            self.refuse_known_superusers(password)
        if enterprise is None:
            enterprise = Enterprise.objects.create(code=CODE, name="Demo")
        team = setup.find_or_create_team(enterprise, name=TEAM_NAME)
        self.head(password)
        self.account("admin", "superuser", password, is_superuser=True)
        self.account("manager", "manager", password, enterprise=enterprise, role=MANAGER)
        for name, nickname in NICKNAMES.items():
            agent, made = self.account(
                name, "agent", password, enterprise=enterprise, role=AGENT, nickname=nickname
            )
            if made:
                setup.join_team(agent, team)

    def refuse_strangers(self, enterprise: Enterprise | None) -> None:
        """Somebody's real account of the same name is not the demo's to set a password for."""
        for member in Member.objects.filter(name__in=ACCOUNTS):
            own = (
                member.is_superuser
                if member.name == "admin"
                else (enterprise is not None and member.enterprise_id == enterprise.pk)
            )
            if not own:
                raise CommandError(f"The account {member.name} is there and not the demo's.")

    def refuse_known_superusers(self, password: str) -> None:
        """On a public server many may know the demo's password, and a superuser manages all."""
        for member in Member.objects.filter(name__in=ACCOUNTS, is_superuser=True):
            if member.check_password(password):
                raise CommandError(
                    f"The superuser {member.name} has the demo's password, and PUBLIC_URL is https;"
                    f" give it another one: manage.py changepassword {member.name}"
                )

    def head(self, password: str | None) -> None:
        """What the lines that follow are; a weak password of the owner's own choice is taken."""
        there = set(Member.objects.filter(name__in=ACCOUNTS).values_list("name", flat=True))
        new = set(ACCOUNTS) - there
        random = new if password is None else new & {"admin"} if self.public else set()
        once = "; the passwords are shown once, note them" if random else ""
        self.stdout.write(f"the demo's accounts{once}:")
        for problem in problems(password) if password else []:
            self.stdout.write(f"warning: the demo's password is weak. {problem}")

    def account(self, name, title, password, **fields) -> tuple[Member, bool]:
        """The account, and whether it was made now; says what has become of its password."""
        member = Member.objects.filter(name=name).first()
        if self.public and (member.is_superuser if member else fields.get("is_superuser")):
            password = None
        line = f"  {title:<10} {name:<8} "
        if member is None:
            chosen = password or setup.random_password()
            self.stdout.write(line + chosen)
            return setup.create_member(name, chosen, **fields), True
        if password is None:
            self.stdout.write(line + "(was there already; left as it is)")
            return member, False
        if member.must_change_password or not member.check_password(password):
            # Only then: setting a password, be it the same one, ends the member's sessions.
            member.set_password(password)
            member.must_change_password = False
            member.save(update_fields=["password", "must_change_password"])
        self.stdout.write(line + password)
        return member, False
