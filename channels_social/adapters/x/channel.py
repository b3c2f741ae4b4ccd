"""X as a channel. What is decided where: webhook.py (challenge, signature, split), parse.py and post.py
(what an update says), text.py (length, parts, comparing), outcome.py (what an answer to a send means), media.py
(pictures), client.py (tweepy), login.py (connecting on X's own pages), hooks.py (subscriptions), standing.py (the
account at X)."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from channels_social.adapter import AppView, Candidate, Checked, FormField, GoThere, Hooked, RawEvent
from channels_social.adapters.x import hooks, login, media, reading, standing, text, webhook
from channels_social.adapters.x.client import Client, Failed, MissingCredentials
from channels_social.adapters.x.outcome import of_answer, of_network
from channels_social.adapters.x.parse import parse
from channels_social.adapters.x.post import post_url
from channels_social.net import BadBaseURL, Net
from channels_social.updates import WebhookChannel, WebhookModule
from tickets.contract import (
    Capabilities,
    FindResult,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Reauthorise,
    Receipt,
    Unclear,
    Visibility,
)


class XChannel(WebhookChannel):
    webhook: ClassVar[WebhookModule] = webhook
    slug: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="short",
        public=True,
        private=False,
        max_length=280,
        splits=True,
        webhooks=True,
        polling=True,
        automated_per_interaction=1,  # developer guidelines: one automated reply per interaction
        find_sent_after=timedelta(seconds=30),
        look_up_within=timedelta(hours=24),  # developer policy: what is removed there goes here within a day
        look_up_batch=100,
        sends_files=True,
        files_most=media.MOST,
        files_most_bytes=media.MOST * media.MOST_BYTES,
        file_most_bytes=media.MOST_BYTES,
        file_types=media.TYPES,
    )
    app_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("client_id", _("Client ID (OAuth 2.0)"), required=False),
        FormField("client_secret", _("Client secret (OAuth 2.0)"), secret=True, required=False),
        FormField("consumer_key", _("API key"), secret=True),
        FormField("consumer_secret", _("API key secret"), secret=True),
        FormField("bearer_token", _("Bearer token; without it the network is only asked, it tells nothing"),
                  secret=True, required=False),
        FormField("base_url", _("Base URL, where it is not the network itself"), required=False),
    )  # fmt: skip
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("access_token", _("Access token"), secret=True),
        FormField("access_token_secret", _("Access token secret"), secret=True),
        FormField("max_length", _("Longest post, where it is not 280"), required=False),
        FormField(
            "find_sent_after_seconds", _("Seconds until a post surely shows in a timeline"), required=False
        ),
    )
    sign_in_fields: ClassVar[tuple[str, ...]] = ("client_id", "client_secret")

    @classmethod
    def warm(cls) -> None:
        importlib.import_module("tweepy")
        importlib.import_module("twitter_text")

    # -- connecting
    @classmethod
    def connect_begin(cls, app: AppView, net: Net, callback: str, state: str) -> GoThere:
        return login.begin(app, callback, state)

    @classmethod
    def connect_finish(
        cls,
        app: AppView,
        net: Net,
        callback: str,
        query: Mapping[str, str],
        remembered: Mapping[str, str],
    ) -> list[Candidate]:
        return login.finish(app, net, callback, query, remembered)

    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        return standing.by_keys(app, net, given)

    def subscribe(self, address: str) -> Hooked:
        with self.net.one_deadline(), standing.asking():
            bearer = self.net.credentials.get("bearer_token", "")
            return hooks.subscribe(self._client(), bearer, self.account.external_id, address)

    def check(self) -> Checked:
        with self.net.one_deadline(), standing.asking():
            return standing.check(self._client(), self.account)

    def try_out(self, text_: str) -> None:
        with self.net.one_deadline(), standing.asking():
            standing.try_out(self._client(), text_)

    @classmethod
    def try_out_words(cls, language: str) -> str:
        return standing.words_of("try_out", language)

    def leave(self) -> str:
        with self.net.one_deadline(), standing.asking():
            return standing.leave(self._client(), self.net.credentials, self.account)

    def cursor_at(self, moment: datetime) -> dict[str, str]:
        return {"start_time": moment.isoformat(timespec="seconds")}

    # -- inbound, for one account
    def parse(self, event: RawEvent) -> list[Parsed]:
        return parse(event, self.account)

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        with self.net.one_deadline():
            return reading.poll(self._client, self.account, cursor)

    def look_up(self, external_ids: Sequence[str]) -> list[RawEvent]:
        with self.net.one_deadline():
            return reading.look_up(self._client, self.account, external_ids)

    # -- outbound
    def send(self, message: OutboundMessage) -> Receipt:
        try:
            client = self._client()
            pictures = media.uploaded(client, message.attachments)
            answer = client.create(message.text, message.in_reply_to, pictures)
        except MissingCredentials as error:
            raise Reauthorise(str(error)) from error
        except BadBaseURL as error:
            raise NotSent(str(error), whole_account=True, code="base_url") from error
        except Failed as failed:
            if failed.error is not None:
                raise of_network(failed.error) from failed
            raise of_answer(
                failed.status,
                failed.headers,
                failed.body,
                after_unclear=message.after_unclear,
                now=time.time(),
            ) from failed
        data = answer.get("data")
        post_id = data.get("id") if isinstance(data, dict) else None
        if not isinstance(post_id, str) or not post_id.isascii() or not post_id.isdigit():
            raise Unclear("X answered with a success that names no post")
        return Receipt(post_id, post_url(self.account.handle, post_id))

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        with self.net.one_deadline():
            return reading.find_sent(self._client, self.account, message, since)

    def may_reply(self, message: OutboundMessage) -> MayReply:
        if message.visibility == "private":
            return MayReply(False, "private_off")
        if message.part > 1 or message.in_reply_to is None:
            return MayReply(True, "own_thread")
        return message.reply_rule

    # -- numbers and words
    def length_limit(self, visibility: Visibility = "public") -> int | None:  # noqa: ARG002 - X has public posts only
        told = self.number("max_length")
        return self.capabilities.max_length if told is None else told

    @classmethod
    def length(cls, text_: str) -> int:
        return text.length(text_)

    @classmethod
    def split_text(cls, text_: str, limit: int) -> list[str]:
        return text.split_text(text_, limit)

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return text.rule_words(rule, language) or standing.words_of(rule, language)

    @classmethod
    def notices_rule_words(cls, language: str) -> str:
        return text.notices_rule_words(language)

    def _client(self) -> Client:
        return Client(self.net, self.account.settings.get("base_url", ""))
