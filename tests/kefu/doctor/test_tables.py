"""What the doctor says of what tables hold: each check speaks, and is silent otherwise."""

from django.core.management import call_command

from accounts.models import Assistant, Enterprise, Member
from chat.assistant import assistants
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import ArticleIndex, Channel
from kefu import keys
from kefu.doctor import tables

E, W = ["error"], ["warning"]
OTHER_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_demo_that_is_open_to_the_public_is_found(sound, says, db, monkeypatch):
    assert says(tables.demo) == []
    demo = Enterprise.objects.create(code="demo", name="Demo")
    assert says(tables.demo) == W
    sound.PUBLIC_URL = ""
    assert says(tables.demo) == []
    sound.PUBLIC_URL = "https://chat.example.com"
    demo.status = Enterprise.Status.CLOSED
    demo.save()
    assert says(tables.demo) == []
    monkeypatch.setenv("DEMO_PASSWORD", "known to all")
    assert says(tables.demo) == E


def test_a_house_that_nobody_can_administer_is_found(sound, says, db):
    assert says(tables.superuser) == W
    boss = Member.objects.create_superuser("boss", "a pass phrase")
    assert says(tables.superuser) == []
    boss.status = Member.Status.CLOSED
    boss.save()
    assert says(tables.superuser) == W


def test_articles_that_no_search_finds_are_found(sound, says, db):
    assert says(tables.article_index) == []
    acme = Enterprise.objects.create(code="acme", name="Acme")
    articles.put(acme, "plan", "en", Text("Plan"), "draft")
    articles.put(acme, "tea", "en", Text("Tea", "Text."))
    assert says(tables.article_index) == []
    ArticleIndex.objects.all().delete()
    assert says(tables.article_index) == W


def test_an_assistant_that_can_ask_nobody_is_found(sound, says, db):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    url = "https://model.example/v1"
    assistants.change(made, url=url, model="small", key="sk-secret", mode="answer")
    assert says(tables.assistant) == []
    for spoiled in ({"url": ""}, {"sealed": "broken"}, {"url": "http://127.0.0.1:1/v1"}):
        Assistant.objects.update(**{"url": url, "sealed": made.sealed, **spoiled})
        assert says(tables.assistant) == E
    Assistant.objects.update(mode=assistants.OFF)
    assert says(tables.assistant) == []


def test_a_channel_that_does_not_work_is_found_without_its_secrets(sound, says, db, settings):
    acme = Enterprise.objects.create(code="acme", name="Acme")
    team = acme.teams.create(slug="help", name="Help")
    keys = {"sealed": "secret-1", "settings": {}}
    bot = Channel.objects.create(ent_id="acme", kind="weixin", name="W", team=team, **keys)
    assert says(tables.channels) == []
    for columns in ({"settings": {"api": "http://10.0.0.1"}}, {"failure": "40125"}):
        Channel.objects.update(**{"settings": {}, **columns})
        assert says(tables.channels) == E
    assert "secret-1" not in str(list(tables.channels()))
    Channel.objects.update(failure="")
    settings.PUBLIC_URL = ""
    assert says(tables.channels) == E
    Channel.objects.filter(pk=bot.pk).update(active=False)
    assert says(tables.channels) == []


def test_a_secret_that_would_be_lost_with_a_former_key_is_found(sound, says, db):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    assistants.change(made, url="https://model.example/v1", model="small", key="sk-secret")
    assert says(tables.former_keys) == []
    former, sound.SECRET_KEY = sound.SECRET_KEY, OTHER_KEY
    assert says(tables.former_keys) == [], "it is lost already"
    sound.SECRET_KEY_FALLBACKS = [former]
    assert says(tables.former_keys) == W
    assert "assistants (1)" in str(list(tables.former_keys()))
    call_command("prepare")
    assert says(tables.former_keys) == []
    made.refresh_from_db()
    sound.SECRET_KEY_FALLBACKS = []
    assert assistants.key_of(made) == "sk-secret"


def test_a_secret_that_is_changed_while_it_is_sealed_anew_stays(sound, db, monkeypatch):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    assistants.change(made, url="https://model.example/v1", model="small", key="sk-secret")
    sound.SECRET_KEY, sound.SECRET_KEY_FALLBACKS = OTHER_KEY, [sound.SECRET_KEY]
    (former,) = keys.needing_former()
    assistants.change(made, key="sk-other")
    monkeypatch.setattr(keys, "needing_former", lambda: [former])
    keys.seal_anew()
    made.refresh_from_db()
    assert assistants.key_of(made) == "sk-other"
