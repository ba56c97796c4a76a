import os

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import Enterprise, Member
from kefu import doctor, keys
from kefu.doctor import redis, site

from .demo import CODE

CHECKS = [site.secret_key, site.allowed_hosts, redis.redis_server]
"""The doctor's checks that run at each start: what they find breaks something at once."""


class Command(BaseCommand):
    help = "What bin/serve does with the database before it serves. DEMO_PASSWORD is the demo's."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="make the demo, or renew it")
        parser.add_argument(
            "--new-key",
            action="store_true",
            help="the former SECRET_KEY is lost: go on with this one; visitors lose what they wrote"
            " before, and members sign in again",
        )

    def handle(self, demo, new_key, **options):
        call_command("migrate", interactive=False, verbosity=0)
        if new_key:
            keys.take()
        elif not keys.is_known():
            raise ImproperlyConfigured(
                "SECRET_KEY is not the one that this database was used with: visitors would lose"
                " their conversations. Set that of the other machines, or restore secret_key in"
                " DATA_DIR; if it is lost, run manage.py prepare --new-key once."
            )
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
        for _name, finding in doctor.run_checks(CHECKS):
            self.stdout.write(f"warning: {finding.what}; {finding.cure}")
