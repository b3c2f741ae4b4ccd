"""Our Page at Facebook: whether its token is taken and what it may do, its subscription, leaving."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from channels_social.adapter import AccountView, AppView, AskFailed, Budget, Checked, ConnectFailed, Hooked
from channels_social.adapters.facebook import hooks, login
from channels_social.adapters.facebook.graph import BadVersion, Graph, GraphError, MissingCredentials
from channels_social.adapters.facebook.outcome import DEAD_TOKEN, words_of
from channels_social.adapters.facebook.values import as_dict, as_list
from channels_social.net import BadBaseURL, Net, NetError


@contextmanager
def asking() -> Iterator[None]:
    """Trouble inside is AskFailed, in Facebook's words."""
    try:
        yield
    except MissingCredentials as error:
        raise AskFailed(str(error), reauthorise=True) from error
    except (BadBaseURL, BadVersion, NetError) as error:
        raise AskFailed(str(error)) from error
    except GraphError as error:
        raise AskFailed(words_of(error), reauthorise=error.code in DEAD_TOKEN) from error
    except ConnectFailed as error:
        raise AskFailed(error.words or error.code) from error


def app_of(net: Net, account: AccountView) -> AppView:
    """Our registration as the account's credentials and settings hold it."""
    credentials = net.credentials
    secrets = {name: [credentials[name]] for name in hooks.APP if credentials.get(name)}
    return AppView(secrets, account.settings)


def subscribe(page: Graph, net: Net, account: AccountView, url: str) -> Hooked:
    """1. The app's webhook, where its address or a field is another. 2. The Page's own subscription, without the fields
    of Messenger where it has no permission for them."""
    app = app_of(net, account)
    if not app.newest("verify_token"):
        return Hooked("no_verify_token")
    renewed = hooks.app_hooked(login.graph(app, net, ""), app, url)
    missing = net.credentials.get("missing_permissions", "").split()
    if "pages_manage_metadata" in missing:
        return Hooked("permission.pages_manage_metadata")
    fields = hooks.fields_without(missing)
    if hooks.reconcile(page, account.external_id, app.newest("app_id"), fields):
        renewed = (*renewed, "page")
    return Hooked("", fields, renewed)


def check(page: Graph, net: Net, account: AccountView) -> Checked:
    """`debug_token`, and one page of the feed. Writes nothing."""
    app = app_of(net, account)
    granted = login.permissions(login.graph(app, net, ""), app, str(page.access_token))
    if not granted.valid:
        raise AskFailed("debug_token says that the token is not valid", reauthorise=True)
    listed = page.get_connections(account.external_id, "feed", fields="id", limit=25)
    answer = getattr(page.session, "last_response", None)
    headers: Mapping[str, str] = answer.headers if answer is not None else {}
    return Checked(granted.missing(account.external_id), len(as_list(listed.get("data"))), _budget(headers))


def leave(page: Graph, account: AccountView) -> str:
    """The Page's subscription goes; its token belongs to a person there, who alone can take it back."""
    page.request(f"{page.version}/{account.external_id}/subscribed_apps", method="DELETE")
    return "revoke_by_hand"


def _budget(headers: Mapping[str, str]) -> tuple[Budget, ...]:
    """`x-app-usage` counts in per cent of an hour's calls: {"call_count": 28, "total_time": …}."""
    try:
        used = as_dict(json.loads(headers.get("x-app-usage", "{}")[:2_000])).get("call_count")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(used, int | float) or isinstance(used, bool):
        return ()
    return (Budget("calls", max(0, 100 - int(used)), 100),)
