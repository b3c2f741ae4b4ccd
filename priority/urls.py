from django.urls import URLPattern, path

from priority.views import moving, overview, revisions
from priority.views.calendars import CalendarPage, Calendars
from priority.views.categories import Categories, CategoryPage
from priority.views.durations import Durations
from priority.views.levels import Levels
from priority.views.matrix import Matrix
from priority.views.periods import Periods
from priority.views.rules import RulePage, Rules
from priority.views.words import SignPage, Words

urlpatterns: list[URLPattern] = [
    path("policy/", overview.overview, name="policy"),
    path("policy/publish/", overview.publish, name="policy_publish"),
    path("policy/discard/", overview.discard, name="policy_discard"),
    path("policy/begin/", moving.begin, name="policy_begin"),
    path("policy/draft.json", moving.draft_file, name="policy_draft_file"),
    path("policy/revisions/", revisions.revisions, name="policy_revisions"),
    path("policy/revisions/compare/", revisions.compare, name="policy_compare"),
    path("policy/revisions/<int:number>/", revisions.revision, name="policy_revision"),
    path("policy/revisions/<int:number>/restore/", revisions.revision_restore, name="policy_restore"),
    path("policy/revisions/<int:number>.json", revisions.revision_file, name="policy_revision_file"),
    path("policy/matrix/", Matrix.as_view(), name="policy_matrix"),
    path("policy/levels/", Levels.as_view(), name="policy_levels"),
    path("policy/durations/", Durations.as_view(), name="policy_durations"),
    path("policy/periods/", Periods.as_view(), name="policy_periods"),
    path("policy/calendars/", Calendars.as_view(), name="policy_calendars"),
    path("policy/calendars/<slug:key>/", CalendarPage.as_view(), name="policy_calendar"),
    path("policy/categories/", Categories.as_view(), name="policy_categories"),
    path("policy/categories/new/", CategoryPage.as_view(), name="policy_category_new"),
    path("policy/categories/<str:key>/", CategoryPage.as_view(), name="policy_category"),
    path("policy/rules/", Rules.as_view(), name="policy_rules"),
    path("policy/rules/new/", RulePage.as_view(), name="policy_rule_new"),
    path("policy/rules/<str:key>/", RulePage.as_view(), name="policy_rule"),
    path("policy/words/", Words.as_view(), name="policy_words"),
    path("policy/words/<str:sign>/", SignPage.as_view(), name="policy_sign"),
]
