from django.urls import URLPattern, path

from priority.views import overview
from priority.views.durations import Durations
from priority.views.levels import Levels
from priority.views.matrix import Matrix

urlpatterns: list[URLPattern] = [
    path("policy/", overview.overview, name="policy"),
    path("policy/publish/", overview.publish, name="policy_publish"),
    path("policy/discard/", overview.discard, name="policy_discard"),
    path("policy/matrix/", Matrix.as_view(), name="policy_matrix"),
    path("policy/levels/", Levels.as_view(), name="policy_levels"),
    path("policy/durations/", Durations.as_view(), name="policy_durations"),
]
