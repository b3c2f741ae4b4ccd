from django.urls import URLPattern, path

from priority.views import overview

urlpatterns: list[URLPattern] = [
    path("policy/", overview.overview, name="policy"),
    path("policy/publish/", overview.publish, name="policy_publish"),
    path("policy/discard/", overview.discard, name="policy_discard"),
]
