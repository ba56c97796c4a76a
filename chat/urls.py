"""The visitor's pages and the agents' workspace."""

from django.urls import path

from .views import (
    about,
    actions,
    alerts,
    files,
    identity,
    inbox,
    replies,
    visitor,
    visits,
    widget,
    workspace,
)

urlpatterns = [
    path("chat/<slug:ent_id>/", visitor.page, name="visitor"),
    path("chat/<slug:ent_id>/messages/", visitor.messages, name="visitor-messages"),
    path("files/<slug:key>/", files.file, name="file"),
    path("files/<slug:key>/small/", files.small, name="file-small"),
    path("agent/", workspace.page, name="workspace"),
    path("agent/inbox/", inbox.page, name="inbox"),
    path("agent/inbox/counts/", inbox.counts, name="inbox-counts"),
    path("agent/search/", inbox.find, name="search"),
    path("agent/tags/", inbox.tags_in_use, name="tags"),
    path("agent/online/", workspace.switch, name="online-switch"),
    path("agent/c/<uuid:group>/", workspace.conversation, name="conversation"),
    path(
        "agent/c/<uuid:group>/messages/",
        workspace.messages,
        name="conversation-messages",
    ),
    path("agent/c/<uuid:group>/read/", workspace.read, name="conversation-read"),
    path("agent/c/<uuid:group>/actions/", actions.act, name="conversation-actions"),
    path("agent/c/<uuid:group>/recall/", actions.recall, name="conversation-recall"),
    path("agent/c/<uuid:group>/visitor/", about.visitor, name="conversation-visitor"),
    path("agent/replies/", replies.replies, name="canned-replies"),
    path("agent/replies/<int:pk>/", replies.reply, name="canned-reply"),
    path("agent/alerts/", alerts.page, name="alerts"),
    path("agent/colleagues/", actions.colleagues, name="colleagues"),
    path("chat/<slug:ent_id>/recall/", visits.recall, name="visitor-recall"),
    path("chat/<slug:ent_id>/widget/", widget.look, name="widget-look"),
    path("chat/<slug:ent_id>/unread/", widget.unread, name="widget-unread"),
    path("chat/<slug:ent_id>/identity/", identity.exchange, name="visitor-identity"),
    path("widget.js", widget.script, name="widget"),
    path("chat/<slug:ent_id>/rating/", visits.rate, name="visitor-rating"),
    path("chat/<slug:ent_id>/end/", visits.end, name="visitor-end"),
    path("chat/<slug:ent_id>/transcript/", visits.transcript, name="visitor-transcript"),
]
