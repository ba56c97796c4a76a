from django.core.exceptions import ImproperlyConfigured
from django.core.management.commands import migrate

from kefu.doctor import database


class Command(migrate.Command):
    """Django's command, which refuses a database that this version cannot upgrade."""

    def handle(self, *args, **options):
        for finding in database.upgrade_path():
            raise ImproperlyConfigured(f"{finding.what}; {finding.cure}")
        return super().handle(*args, **options)
