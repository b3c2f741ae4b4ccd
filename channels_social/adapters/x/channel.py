"""X as a channel. What is decided where: webhook.py (challenge, signature, split), parse.py and post.py
(what an update says), text.py (length, parts, comparing), outcome.py (what an answer to a send means),
client.py (tweepy)."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from channels_social.adapter import AppView, Channel, FormField, RawEvent, WebhookRequest
from channels_social.adapters.x import reading, text, webhook
from channels_social.adapters.x.client import Client, Failed, MissingCredentials
from channels_social.adapters.x.outcome import of_answer, of_network
from channels_social.adapters.x.parse import parse
from channels_social.adapters.x.post import post_url
from channels_social.net import BadBaseURL
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


class XChannel(Channel):
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
    )
    app_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("consumer_key", "API key", secret=True),
        FormField("consumer_secret", "API key secret", secret=True),
        FormField("bearer_token", "Bearer token", secret=True, required=False),
    )
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("external_id", "User id (a number)"),
        FormField("handle", "Handle without @"),
        FormField("access_token", "Access token", secret=True),
        FormField("access_token_secret", "Access token secret", secret=True),
        FormField("base_url", "Base URL, where it is not X itself", required=False),
        FormField("max_length", "Longest post, where it is not 280", required=False),
        FormField(
            "find_sent_after_seconds", "Seconds until a post surely shows in a timeline", required=False
        ),
    )

    @classmethod
    def warm(cls) -> None:
        importlib.import_module("tweepy")
        importlib.import_module("twitter_text")

    # -- inbound, before an account is known
    @classmethod
    def challenge(cls, app: AppView, request: WebhookRequest) -> bytes | None:
        return webhook.challenge(app, request)

    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        webhook.verify(app, request)

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return webhook.split(request)

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
            answer = self._client().create(message.text, message.in_reply_to)
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
    def find_sent_delay(self) -> timedelta | None:
        told = self._number("find_sent_after_seconds")
        return self.capabilities.find_sent_after if told is None else timedelta(seconds=told)

    def length_limit(self, visibility: Visibility = "public") -> int | None:  # noqa: ARG002 - X has public posts only
        told = self._number("max_length")
        return self.capabilities.max_length if told is None else told

    @classmethod
    def length(cls, text_: str) -> int:
        return text.length(text_)

    @classmethod
    def split_text(cls, text_: str, limit: int) -> list[str]:
        return text.split_text(text_, limit)

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return text.rule_words(rule, language)

    @classmethod
    def notices_rule_words(cls, language: str) -> str:
        return text.notices_rule_words(language)

    def _number(self, name: str) -> int | None:
        told = str(self.account.settings.get(name, "")).strip()
        if told and not (told.isascii() and told.isdigit()):
            raise ValueError(f"the setting {name} of {self.account.handle} is {told!r}; write a whole number")
        return int(told) if told else None

    def _client(self) -> Client:
        return Client(self.net, self.account.settings.get("base_url", ""))
