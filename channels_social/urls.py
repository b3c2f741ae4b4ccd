from django.urls import URLPattern, URLResolver, path

from channels_social import (
    views,
    views_account_forms,
    views_account_network,
    views_accounts,
    views_connect,
    views_page,
    views_quarantine,
    views_visitors,
    views_voice,
)
from channels_social.registry import channels

#: Asked most often by far, and a network waits for it: the desk looks here before it goes through all its pages.
first = [path("hooks/<slug:slug>/<str:hook_key>/", views.webhook, name="webhook")]

urlpatterns: list[URLPattern | URLResolver] = [
    *(page for kind in channels().values() for page in kind.pages()),
    path("s/<str:token>/", views_page.status, name="status"),
    path("s/<str:token>/<str:name>/", views_page.status_file, name="status_file"),
    path("t/<str:shown>/visitors/<str:token>/", views_visitors.visitor, name="visitor"),
    path("could-not-be-read/", views_quarantine.quarantine, name="quarantine"),
    path("could-not-be-read/<str:name>/", views_quarantine.quarantine_replay, name="quarantine_replay"),
    path("call/", views_voice.call, name="call_note"),
    path("call/preview/", views_voice.call_preview, name="call_preview"),
    path("accounts/", views_accounts.accounts, name="accounts"),
    path("accounts/automatic-messages/", views_account_forms.automatic_switch, name="automatic_switch"),
    path("accounts/connect/", views_connect.connect, name="account_connect"),
    path("accounts/connect/<slug:slug>/", views_connect.connect_network, name="account_connect_network"),
    path(
        "accounts/connect/<slug:slug>/registration/", views_connect.registration, name="account_registration"
    ),
    path("accounts/connect/<slug:slug>/begin/", views_connect.begin, name="account_connect_begin"),
    path("accounts/connect/<slug:slug>/keys/", views_connect.keys, name="account_connect_keys"),
    path("accounts/connect/<slug:slug>/back/", views_connect.back, name="account_connect_back"),
    path("accounts/connect/<slug:slug>/<str:name>/", views_connect.choose, name="account_connect_choose"),
    path("accounts/<str:name>/", views_accounts.account, name="account"),
    path("accounts/<str:name>/mode/", views_account_forms.account_mode, name="account_mode"),
    path("accounts/<str:name>/settings/", views_account_forms.account_settings, name="account_settings"),
    path("accounts/<str:name>/notices/", views_account_forms.account_notices, name="account_notices"),
    path("accounts/<str:name>/mended/", views_account_forms.account_mended, name="account_mended"),
    path("accounts/<str:name>/stop/", views_account_forms.account_stop, name="account_stop"),
    path("accounts/<str:name>/check/", views_account_network.account_look, name="account_check"),
    path("accounts/<str:name>/try-out/", views_account_network.account_try, name="account_try_out"),
    path("accounts/<str:name>/disconnect/", views_account_network.account_cut, name="account_disconnect"),
]
