"""Articles: their list, the editor, their history."""

import math
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, hours
from accounts.requests import wants_json
from chat import database
from chat.assistant import corrections, proposals
from chat.knowledge import articles, differences, links, listing, pictures, timed
from chat.knowledge.articles import LANGUAGES, Text
from chat.limits import limits, member_keys
from chat.models import Article
from chat.posting import uploads
from chat.protocol.errors import Refused
from chat.protocol.fields import normalise_newlines
from chat.views.common import json_response, parse_number, uploaded_file
from chat.views.refusals import answer_refusals, refusal_json

from .desks import Desk, for_writers

DRAFTS = ("save", "discard", "restore")
"""What everybody does who writes; the rest is for those who publish."""
WRITTEN = ("save", "publish", "schedule")
"""What keeps the text of the form first."""
DONE = {
    "save": _("The draft is saved."),
    "discard": _("The draft is discarded. The published text stays as it is."),
    "restore": _("The former text is the draft now."),
    "publish": _("The article is published."),
    "withdraw": _("The article is withdrawn. Only colleagues read it now."),
    "schedule": _("The article will be published at this time."),
    "unschedule": _("The article is not published by itself any more."),
    "remove": _("The text is deleted."),
}
LOST = _("Links that lead nowhere, as readers find no article there: %(slugs)s")
PROBLEMS = {
    "title": _("Give it a title, of at most 200 characters."),
    "slug": _("The address has small letters, digits, - and _, at most 80."),
    "taken": _("Another article has this address. Choose another one."),
    "body": _("The text has at most 100,000 characters, none of which is a control character."),
    "gone": _("This article was deleted, or has another address now. Your text is kept."),
    "empty": _("Write a text first: so far there is only a title. Nothing was published."),
    "category": _("The category has at most 60 characters."),
    "at": _("Choose a time in the future."),
    "file": _("This is no picture that can be shown, or it is too large."),
}
"""What a field was refused for."""
STATES = {
    "published": pgettext_lazy("article", "published"),
    "changed": _("published, with a draft"),
    "draft": pgettext_lazy("article", "draft"),
    "missing": _("missing in a language"),
}
RECIPES = (_("When will my order arrive?"), _("How do I return something?"))
"""Titles of first articles."""


@require_safe
@for_writers
@answer_refusals()
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list, or the part of it that the address asks for."""
    enterprise = desk.enterprise
    asked = {name: request.GET.get(name, "")[:200] for name in listing.FILTERS}
    number = min(parse_number(request.GET.get("page") or "0", "page"), listing.MOST_PAGES)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "title": _("Knowledge"),
        "has_proposals": desk.may_publish and proposals.open_to(desk.member).exists(),
        "has_help": articles.has_public(enterprise),
        "states": STATES,
        "recipes": RECIPES,
        "asked": asked,
        "filtered": any(asked.values()),
        "categories": listing.categories(enterprise),
        "languages": listing.tabs([]),
        "query": kept.urlencode(),
        "page": number,
        **listing.read(enterprise, asked, number, get_language()),
    }
    return desk.show("list", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def article(request: HttpRequest, desk: Desk, slug: str = "", lang: str = "") -> HttpResponse:
    """GET: the editor, or as JSON who saved the article last. POST: does what `action` names, as
    `perform` says. Without a slug it is a new article, with the `title` and `lang` that are sent;
    POST with these and `body` makes it a draft, as does one with a slug that no article has; with
    the `action` begin it shows them in the editor, `body` behind what is written already, and
    stores nothing."""
    sent = request.POST if request.method == "POST" else request.GET
    lang = lang or sent.get("lang") or get_language()
    rows = articles.of(desk.enterprise).filter(slug=slug).select_related("saved_by")
    if lang not in LANGUAGES:
        raise Http404
    if request.method == "POST" and sent.get("action") != "begin":
        return act(desk, slug, lang)
    if slug and not rows:
        raise Http404
    if wants_json(request):
        row = next((one for one in rows if one.lang == lang), None)
        return json_response(facts(desk, row) if row else {"version": 0})
    return edit(desk, slug, lang)


def facts(desk: Desk, row: Article) -> dict:
    """What the editor is to know of what is stored."""
    return {
        "version": row.version,
        "slug": row.slug,
        "address": desk.address("article", row.slug, row.lang),
        "saved_at": row.saved_at,
        "by": row.saved_by.display_name if row.saved_by else "",
    }


def act(desk: Desk, slug: str, lang: str) -> HttpResponse:
    """Does what a form asks for, in one transaction. What is refused is answered as JSON where that
    was asked for, else with the editor as it was sent."""
    request = desk.request
    name = request.POST.get("action", "save")

    def step() -> Article | None:
        with audit.during(request):
            return perform(desk, name, slug, lang)

    try:
        row = database.retry(step)
    except Refused as refused:
        if wants_json(request):
            return refusal_json(refused)
        if refused.code == "forbidden":
            raise PermissionDenied from refused
        if refused.code == "not_found" and name not in WRITTEN:
            raise Http404 from refused
        return edit(desk, slug, lang, refused)
    if row and wants_json(request):
        return json_response(facts(desk, row))
    messages.success(request, DONE[name])
    if row and name in ("publish", "schedule"):
        if lost := lost_words(desk, row.slug, articles.written(row)):
            messages.warning(request, lost)
    place = ("article", row.slug, lang) if row else ("list",)
    return redirect(desk.address(*place))


def previewed(desk: Desk, slug: str, lang: str, text: Text) -> dict:
    """What is to be known of a text before it is published: links that lead nowhere, and for those
    who publish, what becomes of the answers that stand on the article."""
    found = {"lost": lost_words(desk, slug, text)}
    row = articles.of(desk.enterprise).filter(slug=slug, lang=lang).first()
    if row is None or not desk.may_publish:
        return found
    foreseen = corrections.foreseen(desk.member, row, normalise_newlines(text.body))
    if foreseen.is_elsewhere:
        desk.note_reading()
    return {**found, "foreseen": foreseen}


def lost_words(desk: Desk, slug: str, text: Text) -> str:
    """Which links of an article lead nowhere, in words; "" if none does."""
    lost = links.lost(desk.enterprise, slug, text)
    return LOST % {"slugs": ", ".join(lost)} if lost else ""


def perform(desk: Desk, name: str, slug: str, lang: str) -> Article | None:
    """save, publish, schedule: keeps what the form has, then publishes it, now or `at` a time. Also
    unschedule, withdraw, discard, restore (the revision `number` as the draft) and remove, after
    which there is no article. `version` is the one that the page has shown. Raises `Refused`."""
    member, fields = desk.member, desk.request.POST
    if name not in DONE:
        raise Refused("bad_field", f"action is one of {', '.join(DONE)}.", field="action")
    if name not in DRAFTS and not desk.may_publish:
        raise Refused("forbidden", "Leaders, supervisors and managers publish.")
    at = moment(fields.get("at", ""), desk.enterprise.zone) if name == "schedule" else None
    seen = parse_number(fields.get("version") or "0", "version")
    row = None
    if name in WRITTEN:
        slug = named(desk, slug)
        sent = {key: fields.get(key, "") for key in ("title", "body", "category")}
        text = Text(**sent, audience=fields.get("audience") or Article.Audience.PUBLIC)
        row = articles.save(desk.enterprise, slug, lang, text, member, seen)
        seen = row.version
    place = (desk.enterprise, slug, lang)
    match name:
        case "publish":
            return articles.publish(*place, member, seen)
        case "schedule" | "unschedule":
            return timed.schedule(*place, member, seen, at)
        case "withdraw":
            return articles.withdraw(*place, member, seen)
        case "discard":
            return articles.discard(*place, member, seen)
        case "restore":
            number = parse_number(fields.get("number", ""), "number")
            return articles.restore(*place, member, seen, number)
        case "remove" if not articles.remove(*place, seen):
            raise articles.not_found()
    return row


def named(desk: Desk, slug: str) -> str:
    """The address that the form gives the article: a new one has that, or one from its title;
    another is renamed. One that was deleted meanwhile is new."""
    enterprise, fields = desk.enterprise, desk.request.POST
    wanted = fields.get("slug", "").strip()
    own = articles.of(enterprise)
    if wanted not in ("", slug):
        if own.filter(slug=slug).exists():
            articles.rename(enterprise, slug, wanted)
        elif own.filter(slug=wanted).exists():
            raise articles.taken()
    return wanted or slug or listing.proposed(enterprise, fields.get("title", ""))


def moment(text: str, zone: str) -> datetime:
    """A future time on the enterprise's clocks, or `Refused`."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=hours.zone_named(zone))
        if at > timezone.now():
            return at.astimezone(hours.zone_named("UTC"))
    except (ValueError, OverflowError):
        pass
    raise Refused("bad_field", "at is a time in the future.", field="at")


def edit(desk: Desk, slug: str, lang: str, refused: Refused | None = None) -> HttpResponse:
    """The editor; after a refusal with what was sent, and beside it what a colleague has saved. For
    an article that is gone, what was sent is a new one."""
    request, enterprise = desk.request, desk.enterprise
    rows = list(articles.of(enterprise).filter(slug=slug).select_related("saved_by"))
    row = next((one for one in rows if one.lang == lang), None)
    if row is None:
        sent = request.POST if request.method == "POST" else request.GET
        body = request.POST.get("body", "")[: articles.MAX_BODY]
        stored = Text(sent.get("title", "")[: articles.MAX_TITLE], body)
        if rows:  # A translation belongs where the article is.
            category = listing.category_in(enterprise, rows[0], lang)
            audience = articles.written(rows[0]).audience
            stored = replace(stored, category=category, audience=audience)
    else:
        stored = articles.written(row)
    tabs = listing.tabs(rows)
    context: dict[str, Any] = {
        "title": stored.title if row else _("New article"),
        "fields": asdict(stored) | {"slug": slug},
        "row": row,
        "lang": lang,
        "version": row.version if row else 0,
        "tabs": [(tab, desk.editor(slug if rows else "", tab.lang)) for tab in tabs],
        "others": [
            (tab, articles.written(tab.row)) for tab in tabs if tab.row and tab.lang != lang
        ],
        "own": next(tab for tab in tabs if tab.lang == lang),
        "fixed": any(one.revision for one in rows),
        "action": desk.editor(slug, lang),
        "categories": listing.categories(enterprise),
        "revisions": row.revisions.filter(enterprise=enterprise)[:5] if row else [],
        "has_answers": bool(row and desk.may_publish and corrections.answers(row).exists()),
        "problems": PROBLEMS,
        "zone": enterprise.zone,
    }
    if refused is None:
        if row and (more := request.POST.get("body", "").strip()):
            body = "\n\n".join(filter(None, (stored.body, more)))
            context["fields"]["body"] = body[: articles.MAX_BODY]
        return desk.show("editor", context | previewed(desk, slug, lang, stored))
    field = refused.facts.get("field", "")
    shown = {name: request.POST.get(name, text) for name, text in context["fields"].items()}
    context |= {"fields": shown, "wrong": field}
    is_gone = refused.code == "not_found"
    problem = "gone" if is_gone else "empty" if refused.detail == articles.EMPTY else field
    context["gone"] = is_gone
    context["problem"] = PROBLEMS.get(problem, _("The form was not complete. Send it again."))
    if refused.code == "stale" and row:
        lines = differences.differences(stored.body, normalise_newlines(shown["body"]))
        context |= {"theirs": stored, "lines": lines}
    elif not is_gone:
        context["version"] = request.POST.get("version", "0")
    return desk.show("editor", context, refused.status)


@require_POST
@for_writers
def preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the `title` and the `body` in the form would look to readers, of an article with this
    `slug`, `lang` and `audience`; and what is to be known before it is published."""
    names = ("title", "body", "slug", "lang", "audience")
    fields = {name: request.POST.get(name, "")[: articles.MAX_BODY] for name in names}
    text = Text(fields["title"], fields["body"], audience=fields["audience"] or "public")
    known = previewed(desk, fields["slug"], fields["lang"], text)
    return desk.show("_preview", {"fields": fields, **known})


@require_POST
@for_writers
@answer_refusals()
def picture(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Stores the picture in the form; answers what a text names it by."""
    file = uploaded_file(request)
    if file is None:
        raise Refused("bad_field", "file is missing.", field="file")
    limits.take("upload", member_keys(desk.member.uuid), math.ceil((file.size or 0) / uploads.MIB))
    return json_response({"source": f"files/{pictures.store(desk.enterprise, file).name}"})


@require_safe
@for_writers
@answer_refusals()
def history(request: HttpRequest, desk: Desk, slug: str, lang: str) -> HttpResponse:
    """The revisions, and what differs in one (`number`; without it the draft, else the last) from
    the one before it."""
    enterprise = desk.enterprise
    row = articles.of(enterprise).filter(slug=slug, lang=lang).select_related("saved_by").first()
    number = parse_number(request.GET.get("number") or "0", "number")
    chosen = row and articles.revision(row, number or (0 if row.draft else row.revision))
    if row is None or (number and chosen is None):
        raise Http404
    now = articles.as_read(chosen) if chosen else articles.written(row)
    before = articles.revision(row, chosen.number - 1 if chosen else row.revision)
    then = articles.as_read(before) if before else Text("")
    names = {"title": _("Title"), "category": _("Category"), "audience": _("Who may read it")}
    pairs = ((label, getattr(then, name), getattr(now, name)) for name, label in names.items())
    context = {
        "title": _("History"),
        "row": row,
        "revisions": row.revisions.filter(enterprise=enterprise),
        "has_draft": bool(row.draft) or not row.revision,
        "chosen": chosen,
        "changes": [pair for pair in pairs if pair[1] != pair[2]],
        "lines": differences.differences(then.body, now.body),
        "editor": desk.address("article", slug, lang),
    }
    return desk.show("history", context)
