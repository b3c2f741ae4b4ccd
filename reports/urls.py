from django.urls import URLPattern, path

from reports import views_consistency, views_preview, views_promises, views_try, words

urlpatterns: list[URLPattern] = [
    path("policy/try/", views_try.policy_try, name="policy_try"),
    path("policy/preview/", views_preview.policy_preview, name="policy_preview"),
    path(
        "policy/preview/progress/",
        views_preview.policy_preview_progress,
        name="policy_preview_progress",
    ),
    path("reports/promises/", views_promises.promises_kept_page, name="promises_kept"),
    path("reports/promises/dates/", views_promises.promises_dates, name="promises_dates"),
    path("reports/promises/dates.csv", views_promises.promises_csv, name="promises_csv"),
    path("reports/consistency/", views_consistency.consistency, name="consistency"),
    path("reports/consistency/tickets/", views_consistency.consistency_tickets, name="consistency_tickets"),
    path("policy/hits/", words.policy_hits, name="policy_hits"),
]
