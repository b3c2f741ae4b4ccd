from django.urls import URLPattern, path

from reports import views_preview, views_try, words

urlpatterns: list[URLPattern] = [
    path("policy/try/", views_try.policy_try, name="policy_try"),
    path("policy/preview/", views_preview.policy_preview, name="policy_preview"),
    path(
        "policy/preview/progress/",
        views_preview.policy_preview_progress,
        name="policy_preview_progress",
    ),
    path("policy/hits/", words.policy_hits, name="policy_hits"),
]
