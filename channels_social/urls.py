from django.urls import path

from channels_social import views, views_account_forms, views_accounts, views_quarantine

urlpatterns = [
    path("hooks/<slug:slug>/<str:hook_key>/", views.webhook, name="webhook"),
    path("could-not-be-read/", views_quarantine.quarantine, name="quarantine"),
    path("could-not-be-read/<str:name>/", views_quarantine.quarantine_replay, name="quarantine_replay"),
    path("accounts/", views_accounts.accounts, name="accounts"),
    path("accounts/automatic-messages/", views_account_forms.automatic_switch, name="automatic_switch"),
    path("accounts/<str:name>/", views_accounts.account, name="account"),
    path("accounts/<str:name>/mode/", views_account_forms.account_mode, name="account_mode"),
    path("accounts/<str:name>/settings/", views_account_forms.account_settings, name="account_settings"),
    path("accounts/<str:name>/notices/", views_account_forms.account_notices, name="account_notices"),
    path("accounts/<str:name>/mended/", views_account_forms.account_mended, name="account_mended"),
    path("accounts/<str:name>/stop/", views_account_forms.account_stop, name="account_stop"),
]
