"""Our account at X: whose keys these are, whether they are taken, trying it out, leaving; and the words "
"for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from channels_social.adapter import AccountView, AppView, AskFailed, Budget, Candidate, Checked, ConnectFailed
from channels_social.adapters.x import hooks, login
from channels_social.adapters.x.client import KEYS, Client, Failed, MissingCredentials
from channels_social.adapters.x.outcome import words_of as answer_words
from channels_social.net import BadBaseURL, Net, NetError

_WORDS: Mapping[str, Mapping[str, str]] = {
    "keys_only": {
        "en": "With keys of OAuth 1.0a X tells us nothing by itself: the account is only asked for what "
        "is new. "
        "Connect it on X's own pages to be told at once.",
        "nl": "Met sleutels van OAuth 1.0a vertelt X ons niets uit zichzelf: het account wordt alleen "
        "bevraagd op wat "
        "er nieuw is. Koppel het via de pagina's van X zelf om het meteen te horen.",
    },
    "no_bearer": {
        "en": "Our registration at X lacks its bearer token, so X cannot be told where to send what is "
        "new: the account "
        "is only asked.",
        "nl": "Onze registratie bij X mist het bearer token; X kan dus niet horen waar nieuws naartoe "
        "moet: het account "
        "wordt alleen bevraagd.",
    },
    "no_client": {
        "en": "Our registration lacks the client ID and client secret of OAuth 2.0. They stand in X's "
        "developer console "
        "under “Keys and tokens”.",
        "nl": "Onze registratie mist de client ID en het client secret van OAuth 2.0. Die staan in de "
        "developer console "
        "van X onder “Keys and tokens”.",
    },
    "app_secret": {
        "en": "X refuses the client secret of our registration: take the present one from X's developer "
        "console.",
        "nl": "X weigert het client secret van onze registratie: neem het huidige over uit de developer "
        "console van X.",
    },
    "permission.tweet.read": {
        "en": "Without it no post can be read.",
        "nl": "Zonder dit kan geen bericht worden gelezen.",
    },
    "permission.users.read": {
        "en": "Without it X does not say who writes.",
        "nl": "Zonder dit zegt X niet wie er schrijft.",
    },
    "permission.tweet.write": {
        "en": "Without it nobody can be answered.",
        "nl": "Zonder dit kan niemand antwoord krijgen.",
    },
    "permission.media.write": {
        "en": "Without it no pictures can be sent with an answer.",
        "nl": "Zonder dit kunnen er geen afbeeldingen met een antwoord mee.",
    },
    "permission.offline.access": {
        "en": "Without it our key ends after two hours, and the account must be connected anew.",
        "nl": "Zonder dit eindigt onze sleutel na twee uur en moet het account opnieuw worden gekoppeld.",
    },
    "revoke_by_hand": {
        "en": "X takes keys of OAuth 1.0a back only by hand: sign in there as this account, Settings, "
        "Security and "
        "account access, Apps and sessions, and remove our app.",
        "nl": "Sleutels van OAuth 1.0a neemt X alleen met de hand terug: meld je daar aan als dit "
        "account, Instellingen, "
        "Beveiliging en accounttoegang, Apps en sessies, en verwijder onze app.",
    },
    "try_out": {
        "en": "A post of a few words is put on the account's own timeline, where its followers may see it "
        "for a second, "
        "and removed at once. Nobody is addressed. X charges it as one post.",
        "nl": "Er komt een bericht van een paar woorden op de eigen tijdlijn van het account, waar "
        "volgers het een "
        "seconde kunnen zien, en dat wordt meteen verwijderd. Niemand wordt aangesproken. X rekent het "
        "als één bericht.",
    },
}


def words_of(rule: str, language: str) -> str:
    words = _WORDS.get(rule, {})
    return words.get(language[:2].lower(), words.get("en", ""))


@contextmanager
def asking() -> Iterator[None]:
    """Trouble inside is AskFailed, in X's words."""
    try:
        yield
    except MissingCredentials as error:
        raise AskFailed(str(error), reauthorise=True) from error
    except (BadBaseURL, NetError) as error:
        raise AskFailed(str(error)) from error
    except Failed as failed:
        words = str(failed.error) if failed.error is not None else answer_words(failed.status, failed.body)
        raise AskFailed(words, reauthorise=failed.status == 401) from failed


def by_keys(app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
    """The account whose keys of OAuth 1.0a these are, by asking X. Raises ConnectFailed."""
    keys = {name: given.get(name, "") for name in ("access_token", "access_token_secret")}
    both = {name: app.newest(name) for name in KEYS[:2]} | keys
    asked = Net(
        deadline=net.deadline,
        allow_private=net.allow_private,
        read_credentials=lambda: both,
        rotate=lambda _old, new: new,
    )
    try:
        client = Client(asked, app.settings.get("base_url", ""))
        answer = client.me()
    except MissingCredentials as error:
        raise ConnectFailed("keys_missing", str(error)) from error
    except (BadBaseURL, NetError) as error:
        raise ConnectFailed("no_answer", str(error)) from error
    except Failed as failed:
        if failed.error is not None:
            raise ConnectFailed("no_answer", str(failed.error)) from failed
        code = "keys_refused" if failed.status == 401 else "refused"
        raise ConnectFailed(code, answer_words(failed.status, failed.body)) from failed
    data = answer.get("data")
    told: Mapping[str, Any] = data if isinstance(data, dict) else {}
    who = {name: str(told.get(name) or "")[:120] for name in ("id", "name", "username")}
    if not who["id"].isascii() or not who["id"].isdigit():
        raise ConnectFailed("refused", "X did not say whose keys these are")
    return [Candidate(who["id"], who["name"] or who["username"], who["username"], keys)]


def check(client: Client, account: AccountView) -> Checked:
    """GET /2/users/me says whose key it is; one page of mentions, that it reads. Writes nothing."""
    who = client.me().get("data")
    if not isinstance(who, dict) or str(who.get("id")) != account.external_id:
        raise AskFailed("the key is of another account than this one")
    answer = client.mentions(account.external_id)
    found = answer.get("data")
    headers = client.session.last_response.headers if client.session.last_response is not None else {}
    return Checked((), len(found) if isinstance(found, list) else 0, _budget(headers))


def try_out(client: Client, text: str) -> None:
    answer = client.create(text, None).get("data")
    post_id = str(answer.get("id", "")) if isinstance(answer, dict) else ""
    if not post_id.isascii() or not post_id.isdigit():
        raise AskFailed("X answered with a success that names no post")
    client.delete(post_id)


def leave(client: Client, credentials: Mapping[str, str], account: AccountView) -> str:
    """Subscriptions go with the app's token, the user's key by revoking it; keys of OAuth 1.0a only by "
    "hand."""
    if credentials.get("bearer_token"):
        hooks.unsubscribe(client, credentials["bearer_token"], account.external_id)
    tokens = [credentials[name] for name in ("refresh_token", "user_token") if credentials.get(name)]
    taken = [login.revoke(client.session, credentials, token) for token in tokens]
    by_hand = bool(credentials.get("access_token"))
    return "revoke_by_hand" if by_hand or not all(taken) else ""


def _budget(headers: Mapping[str, str]) -> tuple[Budget, ...]:
    numbers = [headers.get(f"x-rate-limit-{name}", "") for name in ("remaining", "limit", "reset")]
    if not all(one.isascii() and one.isdigit() and len(one) < 12 for one in numbers):
        return ()
    left, most, reset = (int(one) for one in numbers)
    return (Budget("reads", left, most, datetime.fromtimestamp(reset, UTC)),)
