"""Having a Page's updates sent to our app, and looking whether they still are.

Two things stand at Meta: the app's webhook (its address and fields, once per app) and each Page's subscription to the
app. After an hour of failed deliveries Messenger takes a Page's subscription away, by hand to be renewed. Sources:
developers.facebook.com, Graph API webhooks; Page, subscribed_apps; Messenger Platform webhooks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import requests

from channels_social.adapter import AppView
from channels_social.adapters.facebook.graph import GRAPH, VERSION, Graph, GraphError
from channels_social.adapters.facebook.values import as_dict, as_list, identifier

FIELDS = (
    "feed",
    "messages",
    "message_echoes",
    "message_edits",
    "message_deliveries",
    "message_reads",
    "messaging_postbacks",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "standby",
)
DEADLINE_SECONDS = 15
APP = ("app_id", "app_secret", "verify_token")


class HookRefused(Exception):
    """Facebook did not take the webhook or a subscription; the words are its own."""


def register(
    base_url: str,
    *,
    app_id: str,
    app_secret: str,
    verify_token: str,
    url: str,
    page_tokens: Mapping[str, str],
    version: str = VERSION,
) -> None:
    """Have updates about these Pages (id: access token) sent to `url`. Safe to repeat.

    1. The app's webhook: Facebook asks the address for its challenge at once, so the desk must answer now.
    2. Each Page's subscription, where it lacks one or a field of it.
    Raises HookRefused.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            app = Graph(
                f"{app_id}|{app_secret}",
                session=session,
                version=version,
                base_url=base_url or GRAPH,
                timeout=DEADLINE_SECONDS,
            )
            _app_hook(app, app_id, verify_token, url)
            for page, token in page_tokens.items():
                graph = Graph(
                    token,
                    session=session,
                    version=version,
                    base_url=base_url or GRAPH,
                    secret=app_secret,
                    timeout=DEADLINE_SECONDS,
                )
                reconcile(graph, page, app_id)
        except (GraphError, requests.RequestException) as error:
            raise HookRefused(f"{getattr(error, 'status', '')} {error}".strip()[:300]) from error


def app_hooked(as_app: Graph, app: AppView, url: str) -> tuple[str, ...]:
    """The app's webhook for Pages, put there (again) where its address or a field is another. What was. Facebook asks
    the address its challenge at once. Raises GraphError, NetError."""
    app_id = app.newest("app_id")
    listed = as_app.get_connections(app_id, "subscriptions")
    for hook in map(as_dict, as_list(listed.get("data"))):
        named = {str(as_dict(one).get("name") or one) for one in as_list(hook.get("fields"))}
        ours = hook.get("object") == "page" and hook.get("callback_url") == url
        if ours and set(FIELDS) <= named and hook.get("active") is not False:
            return ()
    _app_hook(as_app, app_id, app.newest("verify_token"), url)
    return ("webhook",)


def _app_hook(as_app: Graph, app_id: str, verify_token: str, url: str) -> None:
    as_app.put_object(
        app_id,
        "subscriptions",
        object="page",
        callback_url=url,
        verify_token=verify_token,
        fields=",".join(FIELDS),
    )


def fields_without(missing: Collection[str]) -> tuple[str, ...]:
    """The fields that a Page may subscribe to which lacks these permissions: all others are of Messenger."""
    return FIELDS[:1] if "pages_messaging" in missing else FIELDS


def reconcile(graph: Graph, page: str, app_id: str = "", fields: Sequence[str] = FIELDS) -> bool:
    """Renew the Page's subscription where it is gone or lacks a field; whether it did. Raises GraphError, NetError.

    With the Page's own token the list holds our app; `app_id` finds it where there are several.
    """
    listed = graph.get_connections(page, "subscribed_apps", fields="id,subscribed_fields")
    standing: set[str] = set()
    for app in map(as_dict, as_list(listed.get("data"))):
        if not app_id or identifier(app.get("id")) == app_id:
            standing |= {str(one) for one in as_list(app.get("subscribed_fields"))}
    if set(fields) <= standing:
        return False
    graph.put_object(page, "subscribed_apps", subscribed_fields=",".join(fields))
    return True
