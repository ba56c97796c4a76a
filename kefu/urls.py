"""The addresses of the site; docs/protocol.md says who may request which."""

from django.contrib import admin
from django.urls import include, path

from accounts.pages.sign_in import set_language
from accounts.theme import set_theme
from chat.urls import ARTICLES
from chat.views.managers import (
    archive,
    archive_exports,
    article_figures,
    assistant,
    assistant_rehearsal,
    assistant_tasks,
    channels,
    customer_imports,
    embeddings,
    live,
    notifications,
    overview,
    reports,
)

from . import doctor, monitoring, views

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    # Before Django's own index, which has the same address.
    path("admin/", overview.page, {"diagnose": doctor.recent}, name="overview"),
    path("admin/test-mail/", overview.test_mail, name="test-mail"),
    path("admin/live/", live.page, name="live"),
    path("admin/live/state/", live.change_state, name="live-state"),
    path("admin/reports/", reports.page, name="reports"),
    path("admin/reports/rows/", reports.rows, name="report-rows"),
    path("admin/reports/export.csv", reports.export_csv, name="report-csv"),
    path("admin/reports/export.xlsx", reports.export_xlsx, name="report-xlsx"),
    path("admin/reports/definitions/", reports.definitions, name="report-definitions"),
    path("admin/reports/articles/", article_figures.page, name="report-articles"),
    path("admin/reports/articles/rows/", article_figures.rows, name="report-article-rows"),
    path("admin/reports/articles/missing/", article_figures.unanswered, name="report-missing"),
    path("admin/reports/mail/", reports.mail, name="report-mail"),
    path("admin/archive/", archive.page, name="archive"),
    path("admin/archive/<uuid:group>/", archive.conversation, name="archive-thread"),
    path("admin/archive/views/", archive.save_view, name="archive-views"),
    path("admin/archive/views/<int:pk>/delete/", archive.delete_view, name="archive-view-delete"),
    path("admin/archive/exports/", archive_exports.page, name="archive-exports"),
    path(
        "admin/archive/exports/<int:pk>/cancel/",
        archive_exports.cancel,
        name="archive-export-cancel",
    ),
    path(
        "admin/archive/exports/<int:pk>/file/",
        archive_exports.file,
        name="archive-export-file",
    ),
    path("admin/customers/import/", customer_imports.page, name="customer-imports"),
    path(
        "admin/customers/import/template.csv",
        customer_imports.template,
        name="customer-import-template",
    ),
    path("admin/customers/import/<int:pk>/", customer_imports.one, name="customer-import"),
    path(
        "admin/customers/import/<int:pk>/report.csv",
        customer_imports.report,
        name="customer-import-report",
    ),
    path("admin/assistant/", assistant.page, name="assistant"),
    path("admin/assistant/model/", assistant.model, name="assistant-model"),
    path("admin/assistant/test/", assistant.test, name="assistant-test"),
    path("admin/assistant/embeddings/", embeddings.page, name="embeddings"),
    path("admin/assistant/embeddings/test/", embeddings.test, name="embeddings-test"),
    path("admin/assistant/trial/", assistant_tasks.trial, name="assistant-trial"),
    path("admin/assistant/tasks/", assistant_tasks.rows, name="assistant-tasks"),
    path("admin/assistant/tasks/<int:pk>/", assistant_tasks.one, name="assistant-task"),
    path("admin/assistant/rehearsal/", assistant_rehearsal.page, name="assistant-rehearsal"),
    path("admin/channels/", channels.page, name="channels"),
    path("admin/channels/add/<slug:kind>/", channels.add, name="channel-add"),
    path("admin/channels/<slug:key>/", channels.change, name="channel-change"),
    path("admin/channels/<slug:key>/act/", channels.act, name="channel-act"),
    path("admin/notifications/", notifications.page, name="notifications"),
    path("admin/notifications/add/<slug:kind>/", notifications.add, name="robot-add"),
    path("admin/notifications/<int:pk>/", notifications.change, name="robot-change"),
    path("admin/notifications/<int:pk>/act/", notifications.act, name="robot-act"),
    path("admin/articles/", include((ARTICLES, "articles"), namespace="admin-articles")),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set-language"),
    path("theme/", set_theme, name="set-theme"),
    path("health/live/", monitoring.live, name="health-live"),
    path("health/ready/", monitoring.ready, name="health-ready"),
    path("metrics", monitoring.metrics_page, name="metrics"),
    path("agent/", include("accounts.urls")),
    path("api/v1/", include("chat.api.urls")),
    path("", include("chat.urls")),
]

handler400 = "kefu.views.bad_request"
handler403 = "kefu.views.forbidden"
handler404 = "kefu.views.not_found"
handler500 = "kefu.views.server_error"
