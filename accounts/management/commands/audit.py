from django.core.management.base import CommandError

from accounts import audit
from accounts.management.base import SetupCommand
from accounts.models import AuditHead, AuditRow, Enterprise


class Command(SetupCommand):
    help = (
        "Checks that no row of the audit was altered or removed; exit code 1 if one was. Prints the"
        " last row of each chain: keep the lines elsewhere to notice if all of it is replaced."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--enterprise", metavar="CODE", help="all, and the installation's")

    def handle(self, what, enterprise, **options):
        names = dict(Enterprise.objects.order_by("pk").values_list("pk", "code"))
        if enterprise is not None:
            names = {pk: code for pk, code in names.items() if code == enterprise}
            if not names:
                raise CommandError(f"There is no enterprise {enterprise!r}.")
            chains = list(names)
        else:
            kept = [*heads(AuditHead), *heads(AuditRow)]
            chains = sorted({audit.INSTALLATION, *names, *kept})
        bad = [self.verify(chain, names) for chain in chains].count(False)
        self.stdout.write(
            "A chain that was cut at its end fits, too: compare the last rows with lines that you"
            " kept, or with the log (audit chain … ends with row …)."
        )
        if bad:
            raise CommandError(f"The audit is not whole: {bad} of {len(chains)} chains.")

    def verify(self, chain: int, names: dict[int, str]) -> bool:
        found = audit.verify(chain)
        removed = f"enterprise {chain}, deleted"
        name = "the installation" if chain == audit.INSTALLATION else names.get(chain, removed)
        if found.problem:
            self.stdout.write(self.style.ERROR(f"{name}: {found.problem}"))
        else:
            last = f"the last is {found.number} {found.hash}" if found.rows else "none yet"
            self.stdout.write(f"{name}: {found.rows} rows are whole, {last}")
        return not found.problem


def heads(model) -> list[int]:
    return list(model.objects.order_by().values_list("chain", flat=True).distinct())
