from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import setup
from accounts.management.base import RecordedCommand
from accounts.models import Enterprise, Member
from accounts.passwords.strength import weaknesses
from chat.bulk.demo import conversations, removal, shop
from chat.bulk.demo.conversations import CODE

NICKNAMES = {"alice": "小艾", "bob": "小博", "carol": "小卡"}
ACCOUNTS = ["admin", "manager", *NICKNAMES]
AGENT, MANAGER = Member.Role.AGENT, Member.Role.MANAGER


class Command(RecordedCommand):
    help = (
        "Makes the demo enterprise with its people and invented conversations; what is there"
        " already stays as it is. Where PUBLIC_URL is https, --password is for no superuser."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--password", help="set for the demo's accounts; without it, new ones get random ones"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--empty", action="store_true", help="accounts only, as with DEMO=accounts"
        )
        what.add_argument(
            "--remove",
            action="store_true",
            help="remove the invented conversations; everything else stays",
        )

    def handle(self, password, empty, remove, **options):
        if remove:
            self.remove(password)
            return
        if password == "":
            raise CommandError("An empty password is none; leave --password out for random ones.")
        full = not empty and settings.DEMO == "full"
        enterprise = self.make_accounts(password, shop.NAME if full else "Demo")
        if full and not conversations.exist(enterprise):
            self.make_conversations(enterprise)

    def remove(self, password: str | None) -> None:
        if password is not None:
            raise CommandError("--remove needs no --password.")
        enterprise = Enterprise.objects.filter(code=CODE).first()
        if enterprise is None:
            raise CommandError("There is no demo here.")
        self.stdout.write(f"{removal.remove(enterprise)} conversations removed")

    def make_accounts(self, password: str | None, enterprise_name: str) -> Enterprise:
        enterprise = Enterprise.objects.filter(code=CODE).first()
        self.refuse_foreign_accounts(enterprise)
        self.public = settings.PUBLIC_URL.startswith("https://")
        if password and self.public:
            self.refuse_known_superusers(password)
        if enterprise is None:
            enterprise = Enterprise.objects.create(code=CODE, name=enterprise_name)
        team = setup.find_or_create_team(enterprise)
        self.write_heading(password)
        self.find_or_create_account("admin", "superuser", password, is_superuser=True)
        self.find_or_create_account(
            "manager", "manager", password, enterprise=enterprise, role=MANAGER
        )
        for name, nickname in NICKNAMES.items():
            agent, made = self.find_or_create_account(
                name, "agent", password, enterprise=enterprise, role=AGENT, nickname=nickname
            )
            if made:
                setup.join_team(agent, team)
        return enterprise

    def make_conversations(self, enterprise: Enterprise) -> None:
        if missing := shop.missing_agents(enterprise):
            self.stdout.write(f"no conversations: {', '.join(missing)} cannot answer in the team")
            return
        made = conversations.make(enterprise, timezone.now())
        self.stdout.write(f"{made} conversations; to remove them: manage.py demo --remove")

    def refuse_foreign_accounts(self, enterprise: Enterprise | None) -> None:
        """Fails if an account of the demo exists but is another person's: the command would set its
        password."""
        for member in Member.objects.filter(name__in=ACCOUNTS):
            own = (
                member.is_superuser
                if member.name == "admin"
                else (enterprise is not None and member.enterprise_id == enterprise.pk)
            )
            if not own:
                raise CommandError(f"The account {member.name} is there and not the demo's.")

    def refuse_known_superusers(self, password: str) -> None:
        """Fails if a superuser has the demo's password, which on a public server many may know."""
        for member in Member.objects.filter(name__in=ACCOUNTS, is_superuser=True):
            if member.check_password(password):
                raise CommandError(
                    f"The superuser {member.name} has the demo's password, and PUBLIC_URL is https;"
                    f" give it another one: manage.py changepassword {member.name}"
                )

    def write_heading(self, password: str | None) -> None:
        """Writes the heading. A weak password is accepted, with a warning."""
        there = set(Member.objects.filter(name__in=ACCOUNTS).values_list("name", flat=True))
        new = set(ACCOUNTS) - there
        random = new if password is None else new & {"admin"} if self.public else set()
        once = "; the passwords are shown once, note them" if random else ""
        self.stdout.write(f"the demo's accounts{once}:")
        for problem in weaknesses(password) if password else []:
            self.stdout.write(f"warning: the demo's password is weak. {problem}")

    def find_or_create_account(self, name, title, password, **fields) -> tuple[Member, bool]:
        """Returns the account, and whether it was created; writes a line about its password."""
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
            # Not otherwise: setting even the same password ends the member's sessions.
            member.set_password(password)
            member.must_change_password = False
            member.save(update_fields=["password", "must_change_password"])
        self.stdout.write(line + password)
        return member, False
