from django.urls import URLPattern, path

from reports import words

urlpatterns: list[URLPattern] = [
    path("policy/hits/", words.policy_hits, name="policy_hits"),
]
