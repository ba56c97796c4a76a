"""The page and the commands that switch the search by meaning on."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AuditRow, Embeddings
from chat.assistant import assistants
from chat.embeddings import setting_up
from tests.fake_model import Status

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ASSISTANT, PAGE, TEST = map(reverse, ("assistant", "embeddings", "embeddings-test"))


def test_a_manager_names_a_model_and_sees_how_far_its_vectors_are(boss, fake, put, enterprise):
    put("lid", "Lids")
    form = {"source": "endpoint", "url": fake.url, "model": "m3", "key": "sk-secret-1"}
    page = boss.post(PAGE, form, follow=True).content.decode()
    assert "0 of 1 texts" in page and "sk-secret-1" not in page + boss.get(PAGE).content.decode()
    row = AuditRow.objects.get(kind="embeddings")
    assert json.loads(row.details)["hidden"] == ["sealed"] and "sk-secret-1" not in row.details
    assert "a vector of 2 numbers" in boss.post(TEST, follow=True).content.decode()
    fake.vectors = lambda texts: Status(401, "Wrong key: sk-secret-1")
    assert "Wrong key: …" in boss.post(TEST, follow=True).content.decode()
    Embeddings.objects.update(failure="It is <b>down</b>.", failed_at="2026-11-30T00:00Z")
    assert "It is &lt;b&gt;down&lt;/b&gt;." in boss.get(ASSISTANT).content.decode()


def test_an_assistants_page_shows_it_too(boss, enterprise):
    assistants.change(assistants.make(enterprise), url="https://model.example/v1", model="m")
    assert PAGE in boss.get(ASSISTANT).content.decode() and boss.post(TEST).status_code == 404


def test_a_bad_form_and_missing_packages_change_nothing(boss, fake, monkeypatch):
    away = {"source": "endpoint", "url": "http://10.0.0.1/v1", "model": "m3"}
    assert boss.post(PAGE, away).context["errors"].keys() == {"url"}
    assert boss.post(PAGE, {"source": "endpoint"}).context["errors"]
    monkeypatch.setattr(setting_up, "find_spec", lambda name: None)
    assert "requirements/embeddings.txt" in boss.post(PAGE, {"source": "local"}).content.decode()
    with pytest.raises(CommandError, match="requirements/embeddings"):
        call_command("embeddings", "acme", "--local")
    assert not Embeddings.objects.exists()


def test_the_command_says_all_in_a_line_and_drops_the_key_for_another_host(row, put, fill):
    put("lid", "Lids")
    fill()
    lines = StringIO()
    call_command("embeddings", "acme", stdout=lines)
    call_command("embeddings", "acme", "--url", "https://other.example/v1", stdout=lines)
    call_command("embeddings", "acme", "--off", stdout=lines)
    said = [line.partition(" model=m3 ")[2] for line in lines.getvalue().splitlines()]
    assert said == ["key=set texts=1/1", "key=none texts=0/1", "key=none texts=0/1"]
    assert "source=off" in lines.getvalue() and Embeddings.objects.get().source == "off"
