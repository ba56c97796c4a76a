import contextlib
import multiprocessing
import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Enterprise, Member
from chat.bulk.demo import waits
from chat.bulk.demo.conversations import CODE
from kefu import doctor, keys
from kefu.doctor import redis, site

CHECKS = [site.secret_key, site.allowed_hosts, redis.redis_server]
"""The doctor's checks that run at each start: what they find breaks something at once."""


class Command(BaseCommand):
    help = "What bin/serve does with the database before it serves. DEMO_PASSWORD is the demo's."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="make the demo, or renew it")
        parser.add_argument(
            "--static", action="store_true", help="collect the static files at the same time"
        )
        parser.add_argument(
            "--new-key",
            action="store_true",
            help="the former SECRET_KEY is lost: go on with this one; visitors lose what they wrote"
            " before, and members sign in again",
        )

    def handle(self, demo, static, new_key, **options):
        with collecting() if static else contextlib.nullcontext():
            self.prepare(demo, new_key)

    def prepare(self, demo, new_key):
        call_command("migrate", interactive=False, verbosity=0)
        if new_key:
            keys.take()
        elif not keys.is_known():
            raise ImproperlyConfigured(
                "SECRET_KEY is not the one that this database was used with: visitors would lose"
                " their conversations. Set that of the other machines, or restore secret_key in"
                " DATA_DIR; if it is lost, run manage.py prepare --new-key once."
            )
        keys.seal_anew()
        if demo:
            password = os.environ.get("DEMO_PASSWORD") or None
            # At a later start: conversations that were removed stay removed.
            made_before = Enterprise.objects.filter(code=CODE).exists()
            call_command("demo", password=password, empty=made_before, stdout=self.stdout)
        elif not Member.objects.exists():
            self.stdout.write(
                "no account yet; with the same environment, this makes the first: "
                ".venv/bin/python manage.py createsuperuser --name boss"
            )
        if demo_there := Enterprise.objects.filter(code=CODE).first():
            waits.renew(demo_there, timezone.now())
        for _name, finding in doctor.run_checks(CHECKS):
            self.stdout.write(f"warning: {finding.what}; {finding.cure}")


@contextlib.contextmanager
def collecting():
    """Collects the static files in a process beside what is done within, which waits for the disk.
    Raises CommandError if that fails; ends that process if what is done within fails, or at
    SIGTERM."""
    # A fork has the settings and modules already, and the database is not connected yet.
    options = {"interactive": False, "verbosity": 0}
    process = multiprocessing.get_context("fork").Process(
        target=call_command, args=("collectstatic",), kwargs=options
    )
    process.start()
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        yield
        process.join()
    finally:
        process.terminate()
        process.join()
        signal.signal(signal.SIGTERM, before)
    if process.exitcode != 0:
        raise CommandError("collectstatic failed; the reason stands above")
