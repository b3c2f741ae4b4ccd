"""The real client, tweepy, on our session. Every call goes through `Client.call`, which has the one try.

The signature of OAuth 1.0a is over https://api.twitter.com, which tweepy has built in; the session then
leads the bytes to the account's base URL. An account without those keys has a token of OAuth 2.0, which is renewed
when its end is near or X refuses it.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from requests import Response

from channels_social.adapters.x import login
from channels_social.net import Net, NetError, NoConnection, Session

SIGNED_FOR = "https://api.twitter.com"
POST_FIELDS = (
    "author_id",
    "conversation_id",
    "created_at",
    "edit_history_tweet_ids",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "referenced_tweets",
    "reply_settings",
)
KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


class MissingCredentials(Exception):
    """The account cannot sign: it has neither all four keys of OAuth 1.0a nor a token of OAuth 2.0."""


class Failed(Exception):
    """No usable answer: either none at all, then `error` says how far it got, or one as it came."""

    def __init__(
        self, status: int, headers: Mapping[str, str], body: bytes, error: NetError | None = None
    ) -> None:
        super().__init__(f"{status} {error or ''}".strip())
        self.status = status
        self.headers = headers
        self.body = body
        self.error = error


class Client:
    """One account's tweepy client. Answers are dicts as X sent them: ids stay strings, nothing is
    converted."""

    def __init__(self, net: Net, base_url: str) -> None:
        self._net, self._base_url = net, base_url
        self._session: Session = net.session({SIGNED_FOR: base_url} if base_url else None)
        self._sign(net.credentials)

    def _sign(self, credentials: Mapping[str, str]) -> None:
        missing = [key for key in KEYS if not credentials.get(key)]
        self._credentials = credentials
        own_keys = any(credentials.get(key) for key in KEYS[2:])
        self._by_token = not own_keys and bool(credentials.get("user_token"))
        if missing and not self._by_token:
            raise MissingCredentials(f"not filled in: {', '.join(missing)}")
        keys = (
            {"bearer_token": credentials["user_token"]}
            if self._by_token
            else {key: credentials[key] for key in KEYS}
        )
        self._client = copy.copy(_unsigned())
        vars(self._client).update(keys, session=self._session)

    def _renew(self) -> None:
        try:
            self._sign(login.renewed(self._net, self._credentials, self._base_url))
        except login.RenewFailed as failed:
            error = None if failed.dead else NoConnection(failed.words)
            raise Failed(401 if failed.dead else 0, {}, failed.words.encode(), error) from failed

    def user_token(self) -> str:
        """The token of OAuth 2.0, alive; '' where the account has none. Raises Failed."""
        if self._credentials.get("refresh_token") and login.near_its_end(self._credentials, _now()):
            self._renew()
        return self._credentials.get("user_token", "")

    def one_deadline(self) -> AbstractContextManager[None]:
        """All calls inside share one deadline."""
        return self._net.one_deadline()

    @property
    def session(self) -> Session:
        return self._session

    def me(self) -> dict[str, Any]:
        return self.call("get_me")

    def delete(self, post_id: str) -> None:
        self.call("delete_tweet", id=post_id)

    def create(self, text: str, in_reply_to: str | None, media_ids: Sequence[str] = ()) -> dict[str, Any]:
        media = {"media_ids": list(media_ids)} if media_ids else {}
        return self.call("create_tweet", text=text, in_reply_to_tweet_id=in_reply_to, **media)

    def upload(self, content: bytes, content_type: str) -> dict[str, Any]:
        """One picture, in one call. tweepy 4.17 has a method for the old upload of API 1.1 alone, which X has switched
        off: this goes through its `request`, signed and sent as its other calls are."""
        said = {
            "media": base64.b64encode(content).decode(),
            "media_category": "tweet_image",
            "media_type": content_type,
        }
        return self.call("request", method="POST", route="/2/media/upload", json=said)

    def mentions(self, user_id: str, **paging: Any) -> dict[str, Any]:
        return self.call(
            "get_users_mentions",
            id=user_id,
            expansions=["author_id"],
            user_fields=["username", "name"],
            tweet_fields=list(POST_FIELDS),
            max_results=100,
            **paging,
        )

    def posts(self, ids: Sequence[str]) -> dict[str, Any]:
        return self.call("get_tweets", ids=list(ids), tweet_fields=list(POST_FIELDS))

    def own_posts(self, user_id: str, start_time: datetime, token: str | None) -> dict[str, Any]:
        return self.call(
            "get_users_tweets",
            id=user_id,
            start_time=start_time,
            tweet_fields=list(POST_FIELDS),
            max_results=100,
            **({"pagination_token": token} if token else {}),
        )

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The JSON object that tweepy's method of that name brings; raises Failed for everything else. With OAuth 2.0
        a 401 is certain to have done nothing: the token is renewed, and the call made once more."""
        if self._by_token and self._credentials.get("refresh_token"):
            if login.near_its_end(self._credentials, _now()):
                self._renew()
            try:
                return self._once(name, arguments)
            except Failed as failed:
                if failed.status != 401:
                    raise
            self._renew()
        return self._once(name, arguments)

    def _once(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """tweepy raises its own exceptions for 4xx and 5xx, but AttributeError for an error whose body is a
        list, JSONDecodeError for a success without JSON, and ValueError for an odd reset header. The answer
        itself, which the session keeps, says what happened in every one of these cases.
        """
        self._session.last_response = None
        try:
            answer = getattr(self._client, name)(user_auth=not self._by_token, **arguments)
            if isinstance(answer, Response):  # of `request`, which leaves its body to whoever calls it
                answer = answer.json()
        except NetError as error:
            raise Failed(0, {}, b"", error) from error
        except Exception as error:  # tweepy raises also AttributeError, JSONDecodeError, … on odd bodies
            raise self._failed(f"{type(error).__name__}: {error}") from error
        if not isinstance(answer, dict):
            raise self._failed("the answer is no object")
        return answer

    def _failed(self, words: str) -> Failed:
        response = self._session.last_response
        if (
            response is None
        ):  # the client or the signing refused the arguments: nothing was asked of the session
            return Failed(0, {}, b"", NoConnection(words[:300]))
        return Failed(response.status_code, response.headers, response.content)


@cache
def _unsigned() -> Any:
    """A client without keys, never used itself: each that is made opens a session of its own, which ours replaces."""
    # tweepy takes 0.1 s to import; only a process that talks to X pays it.
    import tweepy

    return tweepy.Client(return_type=dict, wait_on_rate_limit=False)


def _now() -> datetime:
    return datetime.now(UTC)
