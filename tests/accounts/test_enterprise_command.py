"""`manage.py enterprise`."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditRow, Enterprise


def test_it_prints_a_line_of_settings_and_changes_what_is_given(enterprise, capsys):
    for options, line in (((), "off"), (("--push-text", "on"), "on"), ((), "on")):
        call_command("enterprise", "acme", *options)
        assert capsys.readouterr().out == f"Enterprise acme: push-text={line}\n"
    assert Enterprise.objects.get().push_text
    assert AuditRow.objects.filter(action="changed", kind="enterprise").count() == 1
    with pytest.raises(CommandError, match="no enterprise"):
        call_command("enterprise", "nobody")
