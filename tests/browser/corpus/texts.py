"""Every text that is stored, from the models themselves: which of them a payload goes into, and why
the others have none."""

import re

ID = "an id that the server makes, or one that passed as a UUID"
LEFT_OUT = {
    "accounts.Enterprise.code": "in addresses; a slug, for the routes match nothing else",
    "accounts.Enterprise.accent": "seven characters, kept to #rrggbb by its form",
    "accounts.Enterprise.cover_colour": "seven characters, kept to #rrggbb by its form",
    **dict.fromkeys(
        ("accounts.Enterprise.logo", "accounts.Enterprise.cover"), "an address, made by the server"
    ),
    "accounts.Enterprise.text_language": "of ten characters: one of the site's languages",
    "accounts.Enterprise.widget_side": "of five characters: left or right",
    "accounts.Enterprise.widget_language": "of ten characters: one of the site's languages",
    "accounts.Enterprise.addresses": "of five characters: one of three words",
    "accounts.Enterprise.hold": "of five characters: one of four words",
    "accounts.Enterprise.identity_secret": "random, made by the server",
    "accounts.Enterprise.former_secret": "random, made by the server",
    "accounts.Team.routing": "of eight characters: one of three words",
    "chat.Webhook.url": "a URL, checked by the server; shown to managers alone",
    **dict.fromkeys(
        ("accounts.Embeddings.url", "accounts.Embeddings.model"), "in the fields of a form alone"
    ),
    "accounts.Embeddings.failure": "words of the server's",
    **dict.fromkeys(("accounts.Embeddings.sealed", "chat.ArticleVectors.source"), "never shown"),
    **dict.fromkeys(("accounts.Embeddings.source", "accounts.Embeddings.lease"), "the server's"),
    "chat.Webhook.events": "a list of fixed words",
    **dict.fromkeys(("chat.Webhook.uuid", "chat.WebhookDelivery.about"), ID),
    **dict.fromkeys(
        ("chat.Webhook.secret", "chat.Webhook.former_secret"), "random, made by the server"
    ),
    **dict.fromkeys(
        ("chat.WebhookDelivery.type", "chat.StreamEvent.type", "chat.StreamDue.type"),
        "one of some fixed words",
    ),
    "chat.WebhookDelivery.lease": "a UUID that the server makes; never shown",
    "chat.WebhookAttempt.error": "words of the server's",
    **dict.fromkeys(
        ("chat.StreamEvent.about", "chat.StreamPlace.group_id", "chat.StreamDue.about"), ID
    ),
    **dict.fromkeys(("chat.MergedConversation.group", "chat.MergedConversation.into"), ID),
    "accounts.Installation.key_digest": "a hash, never shown",
    "accounts.AccessToken.digest": "a hash, never shown",
    "accounts.AccessToken.scopes": "a list of eight fixed words",
    "accounts.Member.languages": "a list of the site's languages",
    "accounts.Member.language": "of ten characters: one of the site's languages",
    "accounts.Member.password": "a hash, never shown",
    "accounts.Member.uuid": ID,
    "chat.AlertChoices.sound": "a list of which three words are asked for, and nothing shown",
    "chat.AlertChoices.desktop": "a list of which three words are asked for, and nothing shown",
    **dict.fromkeys(
        ("chat.Conversation.quarantined_for", "chat.StreamEvent.why", "chat.StreamDue.why"),
        "of ten characters: one of two words",
    ),
    "chat.Conversation.offer_reason": "of sixty characters: one of four words, and two numbers",
    "chat.Conversation.asked": "ids of members and times, made by the server; never shown",
    "chat.Conversation.offered_to": ID,
    "chat.Conversation.bot": ID,
    "chat.Conversation.last_held_by": ID,
    **dict.fromkeys(("chat.Channel.key", "chat.Channel.lease"), "random, made by the server"),
    **dict.fromkeys(
        ("chat.Channel.sealed", "chat.Channel.token", "chat.Channel.bell"),
        "encrypted by the server; never shown",
    ),
    "chat.Channel.kind": "one of four words",
    "chat.Channel.cursor": "numbers, days and ids of another system, checked by its adapter",
    **dict.fromkeys(
        ("chat.ChannelContact.their_id", "chat.ChannelDelivery.their_ids"),
        "ids of another system, shown nowhere",
    ),
    **dict.fromkeys(
        ("chat.ChannelArrival.key", "chat.ChannelArrival.payload"),
        "shown nowhere; what is taken in becomes a message",
    ),
    "chat.ChannelDelivery.state": "one of three words",
    "chat.AutomaticMail.reader": "a hash, never shown",
    "chat.PushDevice.endpoint": "a URL, checked by the server; its member alone reads it",
    "chat.PushDevice.digest": "a hash, never shown",
    **dict.fromkeys(
        ("chat.PushDevice.p256dh", "chat.PushDevice.auth"), "checked as base64url; never shown"
    ),
    "chat.PushDevice.choice": "one of two words",
    "chat.PushDevice.zone": "one of the tz database's names",
    "chat.PushDevice.failure": "one of six words of the server's",
    "chat.Conversation.channel": "of ten characters: the name of a kind of channel, or none",
    "chat.Conversation.origin": "of ten characters: one of two words",
    **dict.fromkeys(("chat.AdoptionSource.uuid", "chat.AdoptionSource.kind"), ID),
    "chat.AdoptionSource.name": "shown to whoever runs the command, in a terminal",
    "chat.AdoptedMember.theirs": "an id of another system, shown nowhere",
    **dict.fromkeys(("chat.AdoptedMember.member", "chat.AdoptedGroup.group"), ID),
    **dict.fromkeys(
        ("chat.AdoptedGroup.theirs", "chat.AdoptedGroup.visitor", "chat.AdoptedGroup.places"),
        "an id of another system, shown nowhere",
    ),
    "chat.AdoptedGroup.state": "a hash, never shown",
    "accounts.Enterprise.zone": "one of the tz database's names",
    **dict.fromkeys(
        ("accounts.Assistant.mode", "accounts.Assistant.when", "chat.Article.state"),
        "one of two or three words",
    ),
    "accounts.Assistant.sealed": "encrypted by the server; never shown",
    "accounts.Assistant.refused": "names of parameters, of those that the server sends",
    **dict.fromkeys(
        ("accounts.Attribute.key", "chat.VisitorAttribute.key"), "checked letter by letter"
    ),
    "accounts.Attribute.kind": "one of five words",
    "chat.VisitorAttribute.value": "to search by; the value itself is in visitor.attributes",
    "chat.CustomerLink.why": "one of two words",
    "chat.CustomerLink.linked_by": ID,
    "chat.Segment.fields": "filters of the list of customers, as its address has them",
    **dict.fromkeys(
        (
            *("chat.Article.slug", "chat.ArticleUse.slug", "chat.AssistantCitation.slug"),
            "chat.QuickQuestion.article",
        ),
        "in addresses; checked letter by letter",
    ),
    **dict.fromkeys(
        (
            *("chat.Article.lang", "chat.ArticleUse.lang", "chat.AssistantCitation.lang"),
            "chat.AssistantTask.language",
        ),
        "of ten characters: one of the site's languages",
    ),
    **dict.fromkeys(("chat.Article.audience", "chat.ArticleRevision.audience"), "one of two words"),
    **dict.fromkeys(
        (f"chat.ArticleIndex.{name}" for name in ("scope", "title", "body")),
        "words of an article, each encoded; never shown",
    ),
    "chat.ArticlePicture.name": "of a file that was drawn anew, without what Markdown reads",
    **dict.fromkeys(
        (f"chat.ArticlePicture.{name}" for name in ("key", "content_type", "digest")),
        "made by the server",
    ),
    "chat.ArticleUse.kind": "one of five words",
    "chat.ArticleUse.reader": "a hash, never shown",
    **dict.fromkeys(
        (f"chat.AssistantTask.{name}" for name in ("kind", "state", "cause", "judgement")),
        "a word of the server's",
    ),
    "chat.AssistantTask.lease": "a UUID that the server makes; never shown",
    "accounts.FormerHours.hours": "hours as the team had them; never shown",
    "chat.Conversation.counting": "numbers, times and ids, made by the server; never shown",
    **dict.fromkeys(("chat.CountedReception.group_id", "chat.CountedMessages.group_id"), ID),
    **dict.fromkeys(("chat.CountedReception.replied_by", "chat.CountedReception.holder"), ID),
    **dict.fromkeys(("chat.CountedReply.replied_by", "chat.CountedMessages.member"), ID),
    "chat.CountedReception.members": "a list of ids that the server made",
    **dict.fromkeys(("chat.LegalHold.group_id", "chat.LegalHold.placed_by"), ID),
    "chat.LegalHold.kept": "a visitor's row that is gone; never shown",
    "chat.Visitor.secret_hash": "a hash, never shown",
    "chat.Visitor.identity_key": "a hash, never shown",
    "chat.Visitor.email_key": "the address of `contact`, to search by; never shown",
    "chat.Visitor.contact_by": "of ten characters: one of six words",
    "chat.EndedSession.key": ID,
    **dict.fromkeys(
        ("chat.CountedReception.origin", "chat.CountedMessages.origin"), "a word of the server's"
    ),
    "chat.SavedView.fields": "filters of the archive, which its address has; each was checked",
    "chat.ArchiveExport.kind": "one of three words, or it is refused",
    "chat.ArchiveExport.fields": "filters of the archive, each of which was checked",
    "chat.ArchiveExport.chosen": "a list of ids of conversations that are there",
    "chat.ArchiveExport.state": "a word of the server's",
    "chat.ArchiveExport.key": ID,
    "chat.ArchiveExport.problem": "a word of the server's",
    "chat.ExportedConversation.group_id": ID,
    **dict.fromkeys(
        ("chat.CustomerImport.file", "chat.CustomerImport.key"), "random, made by the server"
    ),
    **dict.fromkeys(
        ("chat.CustomerImport.state", "chat.CustomerImport.problem"), "a word of the server's"
    ),
    **dict.fromkeys(
        ("chat.CustomerImportRow.what", "chat.CustomerImportRow.problem"), "a word of the server's"
    ),
    "chat.ReportMail.every": "one of two words, or it is refused",
    "chat.ReportMail.language": "the language of a request, one of ours",
    "chat.MailJob.undo": "numbers and times of rows, made by the server; never shown",
    "chat.SiteVisit.key": "32 hexadecimal digits, or it is refused; never shown",
    **dict.fromkeys(("chat.Presence.who", "chat.Presence.node"), ID),
    "accounts.AuditRow.actor": ID,
    "accounts.AuditRow.visitor": ID,
    **dict.fromkeys(("accounts.AuditRow.digest", "accounts.AuditRow.hash"), "a hash"),
    "accounts.AuditHead.hash": "a hash, never shown",
    "chat.Robot.sealed": "encrypted by the server; never shown",
    **dict.fromkeys(("chat.Robot.kind", "chat.Robot.causes"), "some of five words"),
    **dict.fromkeys(
        (f"chat.Notification.{name}" for name in ("group_id", "kind", "cause", "who", "facts")),
        "ids, words and numbers of the server's; shown on no page",
    ),
    "chat.Notification.ended_by": ID,
    "accounts.Enterprise.second_factor_roles": "a list of numbers",
    "accounts.AuthenticatorApp.sealed": "encrypted by the server; never shown",
    "accounts.Passkey.name": "its member alone reads it, see tests/browser/test_passkeys.py",
    **dict.fromkeys(("accounts.Passkey.key", "accounts.Passkey.data"), "never shown"),
    **dict.fromkeys(
        (
            f"accounts.Provider.{name}"
            for name in (
                *("name", "kind", "issuer", "client_id", "claim", "roles"),
                *("base", "person_filter", "authorities", "organisation"),
            )
        ),
        "superusers alone write them, who administer all enterprises",
    ),
    "accounts.Provider.sealed": "encrypted by the server; never shown",
    **dict.fromkeys(
        ("accounts.ProviderAccount.subject", "accounts.ProviderAccount.key"), "never shown"
    ),
    "accounts.MemberSession.sid": "the provider's id of it; never shown",
    "accounts.RecoveryCode.digest": "a hash, never shown",
    "accounts.MemberSession.key": ID,
    "accounts.MemberSession.browser": "a name from sign_ins/user_agents.py, with a number",
    "accounts.MemberSession.system": "a name from sign_ins/user_agents.py, with a number",
    "accounts.MemberSession.address": "an address that the server saw",
    "accounts.SignInFailures.address": "an address that the server saw",
    "accounts.SignInFailures.account": "an account that is there, or nothing",
    **dict.fromkeys(("chat.Attachment.key", "chat.Attachment.digest"), ID),
    **dict.fromkeys(("chat.Attachment.sender", "chat.Attachment.client_id"), ID),
    **dict.fromkeys(("chat.Visitor.uuid", "chat.Conversation.uuid", "chat.ChatGroup.uuid"), ID),
    **dict.fromkeys(("chat.Conversation.claimed_by", "chat.Reception.closed_by"), ID),
    **dict.fromkeys(("chat.Reception.group_id", "chat.GroupMember.group_id"), ID),
    **dict.fromkeys(("chat.ChatGroup.member_id", "chat.GroupMember.member_id"), ID),
    **dict.fromkeys(("chat.GroupMessage.sender", "chat.GroupMessage.client_id"), ID),
    "chat.GroupMessage.group_id": ID,
    **{
        f"chat.{name}.ent_id": "an enterprise's code"
        for name in (
            *("Attachment", "Visitor", "Reception", "Conversation", "Tag", "LegalHold"),
            *("ChatGroup", "GroupMember", "GroupMessage"),
            *("CountedReception", "CountedMessages", "CountedDay", "AdoptionSource"),
            *("MergedConversation", "StreamDue", "StreamHead", "CustomerImportRow"),
            *("AssistantTask", "AssistantCitation", "VisitorAttribute", "CustomerLink"),
            *("Robot", "Notification", "PushDevice", "AutomaticMail"),
            *("Channel", "ChannelContact", "ChannelArrival", "ChannelDelivery"),
        )
    },
}
"""Texts without payloads, with the reason."""
AT = "2026-01-01T08:00:00+00:00"


def in_english(*names: str):
    """The shape of translations, see accounts/models/translated.py."""
    return lambda text: {"en": dict.fromkeys(names, text)}


def one_line(text: str) -> str:
    """As knowledge.articles stores it: in its field a line break is none, and a change."""
    return " ".join(text.split())


SETTINGS = (
    *("account", "api", "address", "signature", "subject", "authserv", "oauth_client"),
    *("oauth_token_url", "appid", "corpid", "open_kfid", "welcome"),
)
"""Those of all kinds of channels that are no secrets."""
SHAPES = {
    "accounts.Enterprise.translations": in_english("welcome", "consent", "human_words"),
    "accounts.Team.translations": in_english("name", "greeting", "warning", "farewell"),
    "accounts.Topic.translations": in_english("label"),
    "accounts.GreetingRule.translations": in_english("text"),
    "chat.QuickQuestion.translations": in_english("question", "answer"),
    "accounts.Assistant.words": in_english("greeting", "handover"),
    "accounts.Assistant.test": lambda text: {"error": text},
    "accounts.Attribute.choices": lambda text: [text],
    "chat.Article.title": one_line,
    "chat.Article.category": one_line,
    "chat.Article.draft": lambda text: {
        **dict.fromkeys(("title", "category"), one_line(text)),
        "body": text,
        "audience": "public",
    },
    "chat.AssistantTask.struck": lambda text: [[text, text]],
    "accounts.Team.hours": lambda text: {
        "zone": "UTC",
        "week": [[] for _day in range(7)],
        "holidays": [["2090-01-01", text]],
    },
    "chat.Visitor.path": lambda text: [
        {"url": f"https://{text}", "at": AT},
        {"url": text, "at": AT},
    ],
    "chat.Visitor.attributes": lambda text: {"a0": text},
    "chat.Visitor.identity": lambda text: dict.fromkeys(("id", "name", "email"), text),
    "chat.Conversation.tags": lambda text: [text],
    "accounts.Member.topics": lambda text: [text],
    "chat.Channel.settings": lambda text: dict.fromkeys(SETTINGS, text),
    "chat.ChannelContact.data": lambda text: {
        **dict.fromkeys(("from", "subject"), text),
        **{name: [text] for name in ("cc", "accepted")},
    },
    "chat.Robot.failure": lambda text: f"refused {text}",
    "chat.CustomerImport.shape": lambda text: {name: [text] for name in ("columns", "unknown")},
    "chat.CustomerImportRow.values": lambda text: {text: [text, text]},
}
"""What columns hold that are more than a text: JSON, and lines."""


def text_fields(model) -> list:
    from django.db import models

    kinds = models.CharField, models.TextField, models.JSONField
    return [field for field in model._meta.concrete_fields if isinstance(field, kinds)]


def our_models() -> list:
    from django.apps import apps

    return [
        model for app in ("accounts", "chat") for model in apps.get_app_config(app).get_models()
    ]


def label_of(field) -> str:
    return f"{field.model._meta.label}.{field.name}"


def dressed(model, text: str, **given):
    """A row that has the text wherever it may have one and nothing else was given."""
    for field in text_fields(model):
        label = label_of(field)
        if field.name not in given and label not in LEFT_OUT:
            given[field.name] = SHAPES[label](text) if label in SHAPES else text
    return model(**given)


def rewrite(model, pk: int, text: str, **given) -> None:
    """As `dressed`, for a row that is there already."""
    row = dressed(model, text, **given)
    names = {field.name for field in text_fields(model) if label_of(field) not in LEFT_OUT}
    values = {name: getattr(row, name) for name in names | set(given)}
    model.objects.filter(pk=pk).update(**values)


def planted() -> dict[str, int]:
    """How many different payloads each text of each table holds, as far as one tells them by their
    numbers, each in a row that has no other."""
    found = {}
    for model in our_models():
        for field in text_fields(model):
            values = map(str, model.objects.values_list(field.name, flat=True))
            numbers = [set(re.findall(r"(?:hit|it|alert)\W+(\d+)", value)) for value in values]
            found[label_of(field)] = len(set().union(*(one for one in numbers if len(one) == 1)))
    return found
