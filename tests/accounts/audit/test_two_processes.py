"""Two processes write one chain at once."""

import pytest
from django.db import connection

from accounts import audit
from accounts.models import AuditHead, AuditRow
from tests.chat.two_processes import twins

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 40
PROGRAM = f"""
import django
django.setup()
import os, sys, time
from django.db import OperationalError
from accounts import audit, setup
from accounts.models import Enterprise, Team
from accounts.audit import sign_ins
enterprise = Enterprise.objects.get(code="acme")
print("ready", flush=True)
sys.stdin.readline()
for number in range({EACH}):
    with audit.recording(audit.of_command("test")):
        team = setup.find_or_create_team(enterprise, f"t{{os.getpid()}}-{{number}}")
        audit.note("exported", enterprise.pk, kind="report")
    sign_ins.failed({{"username": "nobody"}})
    audit.note("read", enterprise.pk, object_id=str(number))
"""


def test_two_writers_leave_one_whole_chain(enterprise, team):
    before = AuditHead.objects.get(pk=enterprise.pk).number
    connection.close()
    with twins(PROGRAM):
        pass
    assert AuditHead.objects.get(pk=enterprise.pk).number == before + 2 * EACH * 3
    assert audit.verify(enterprise.pk).problem == ""
    writers = AuditRow.objects.filter(chain=enterprise.pk, kind="team")
    assert writers.count() == 2 * EACH + 1


def test_two_processes_gather_each_count_once(enterprise):
    from django.utils import timezone

    from accounts.models import SignInFailures

    old = timezone.now().replace(second=0, microsecond=0) - timezone.timedelta(minutes=5)
    for number in range(30):
        address = f"203.0.113.{number}"
        SignInFailures.objects.create(chain=enterprise.pk, minute=old, address=address, account="")
    connection.close()
    program = """
import django
django.setup()
import sys
from accounts import audit
print("ready", flush=True)
sys.stdin.readline()
audit.gather()
"""
    with twins(program):
        pass
    assert AuditRow.objects.filter(action="sign_in_failed").count() == 30
    assert audit.verify(enterprise.pk).problem == ""
