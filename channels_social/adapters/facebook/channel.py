"""A Facebook Page as a channel. What is decided where: webhook.py (challenge, signature, split), parse.py with feed.py
and messenger.py (what an update says), reading.py (the polls), finding.py (whether ours stands there), outcome.py (what
an answer to a send means), files.py (what goes with it), graph.py (facebook-sdk), hooks.py (having updates sent to us),
login.py (Facebook Login), standing.py (the Page at Facebook), words.py."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from channels_social.adapter import (
    AccountView,
    AppView,
    Candidate,
    Checked,
    FormField,
    GoThere,
    Hooked,
    RawEvent,
)
from channels_social.adapters.facebook import webhook, words
from channels_social.adapters.facebook.feed import comment_url
from channels_social.adapters.facebook.messenger import AUTOMATIC_WINDOW, PERSON_WINDOW
from channels_social.adapters.facebook.parse import parse
from channels_social.adapters.facebook.values import identifier, is_object_id
from channels_social.net import BadBaseURL, Net, NetError
from channels_social.updates import WebhookChannel, WebhookModule
from tickets.contract import (
    Capabilities,
    FileRules,
    FindResult,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Permanent,
    Reauthorise,
    Receipt,
    Unclear,
)

if TYPE_CHECKING:
    from channels_social.adapters.facebook.graph import Graph

#: A message on its way when the window closes is refused: what a person writes goes as a person's a little before.
_ON_ITS_WAY = timedelta(minutes=2)


#: One with a comment; what is larger is "Can't Read Files" there.
PHOTO = FileRules(most=1, most_bytes=4_000_000, types=("image/jpeg", "image/png", "image/gif"))
#: In Messenger a message is words or a file: 25 MB each.
MESSAGE_FILES = FileRules(most=10, most_bytes=100_000_000, each_bytes=25_000_000, apart=True)


def _clock() -> datetime:
    return datetime.now(UTC)


class FacebookChannel(WebhookChannel):
    webhook: ClassVar[WebhookModule] = webhook
    slug: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="conversational",
        public=True,
        private=True,
        max_length=8_000,
        max_length_private=2_000,
        webhooks=True,
        polling=True,
        reply_window=AUTOMATIC_WINDOW,
        person_window=PERSON_WINDOW,
        find_sent_after=timedelta(seconds=30),
        sends_files=True,
        files_most=PHOTO.most,
        files_most_bytes=PHOTO.most_bytes,
        file_types=PHOTO.types,
        files_private=MESSAGE_FILES,
    )
    app_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("app_id", _("App id (a number)"), required=True),
        FormField("app_secret", _("App secret"), secret=True),
        FormField("verify_token", _("Verify token of the webhook: any long word of your own"), secret=True),
        FormField("graph_version", _("Version of the Graph API, where it is not 26.0"), required=False),
        FormField("token_in", _("Write url where the token must stand in the address"), required=False),
        FormField("base_url", _("Base URL, where it is not the network itself"), required=False),
    )
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("access_token", _("Page access token"), secret=True),
        FormField("find_sent_after_seconds", _("Seconds until a comment surely shows"), required=False),
    )
    sign_in_fields: ClassVar[tuple[str, ...]] = ("app_id", "app_secret")

    def __init__(self, account: AccountView, net: Net, clock: Callable[[], datetime] = _clock) -> None:
        super().__init__(account, net)
        self._now = clock

    @classmethod
    def warm(cls) -> None:
        importlib.import_module("channels_social.adapters.facebook.finding")

    # -- connecting
    @classmethod
    def connect_begin(cls, app: AppView, net: Net, callback: str, state: str) -> GoThere:
        from channels_social.adapters.facebook import login

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
        from channels_social.adapters.facebook import login

        return login.finish(app, net, callback, query)

    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        from channels_social.adapters.facebook import login

        return login.by_token(app, net, given)

    def subscribe(self, address: str) -> Hooked:
        from channels_social.adapters.facebook import standing

        with self.net.one_deadline(), standing.asking():
            return standing.subscribe(self._graph(), self.net, self.account, address)

    def check(self) -> Checked:
        from channels_social.adapters.facebook import standing

        with self.net.one_deadline(), standing.asking():
            return standing.check(self._graph(), self.net, self.account)

    def leave(self) -> str:
        from channels_social.adapters.facebook import standing

        with self.net.one_deadline(), standing.asking():
            return standing.leave(self._graph(), self.account)

    def cursor_at(self, moment: datetime) -> dict[str, str]:
        return {"since": moment.isoformat(timespec="seconds")}

    # -- inbound, for one account
    def parse(self, event: RawEvent) -> list[Parsed]:
        return parse(event, self.account)

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        from channels_social.adapters.facebook import reading

        with self.net.one_deadline():
            return reading.poll(self._graph, self.account, cursor, self._now())

    # -- outbound
    def send(self, message: OutboundMessage) -> Receipt:
        """A comment below what it answers, or a message to the person; a file for the latter is uploaded before.

        Messenger wants to be told what a message is: a response within the day, or a person's word after it.
        """
        from channels_social.adapters.facebook.graph import BadVersion, GraphError, MissingCredentials
        from channels_social.adapters.facebook.outcome import of_answer, of_network

        put = self._message_put if message.visibility == "private" else self._comment_put
        try:
            return put(message)
        except MissingCredentials as error:
            raise Reauthorise(str(error)) from error
        except (BadBaseURL, BadVersion) as error:
            raise NotSent(str(error), whole_account=True, code="base_url") from error
        except GraphError as error:
            raise of_answer(error, self.account.external_id, after_unclear=message.after_unclear) from error
        except NetError as error:
            raise of_network(error) from error

    def _comment_put(self, message: OutboundMessage) -> Receipt:
        from channels_social.adapters.facebook import files

        post = message.thread_key.partition(":")[0]
        below = message.in_reply_to or post
        if not is_object_id(below):
            raise Permanent("gone", f"{below:.80} is no post or comment of Facebook")
        graph = self._graph()
        if message.attachments:
            answer = files.photo_put(graph, below, message.text, message.attachments[0])
        else:
            answer = graph.put_comment(below, message.text)
        own_id = _receipt(answer, "id")
        return Receipt(own_id, comment_url(post, own_id))

    def _message_put(self, message: OutboundMessage) -> Receipt:
        from channels_social.adapters.facebook import files

        now, rule = self._now(), message.reply_rule
        allowed = self.may_reply(message)
        if not allowed.allowed:
            raise Permanent(allowed.rule, "not asked of Facebook: the time for it has passed")
        said: dict[str, Any] = {"messaging_type": "RESPONSE"}
        if not message.automatic and rule.until is not None and now >= rule.until - _ON_ITS_WAY:
            said = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        graph, words = self._graph(), {"text": message.text}
        brings = (
            files.uploaded(graph, self.account.external_id, message.attachments[0])
            if message.attachments
            else words
        )
        answer = graph.put_object(
            "me", "messages", recipient={"id": message.recipient}, message=brings, **said
        )
        return Receipt(_receipt(answer, "message_id"))

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        from channels_social.adapters.facebook import finding

        with self.net.one_deadline():
            return finding.find_sent(self._graph, self.account, message, since)

    def may_reply(self, message: OutboundMessage) -> MayReply:
        """Comments always; in Messenger nothing automatic once the day is over, and nothing at all after the week."""
        rule = message.reply_rule
        if not rule.allowed or rule.until is None or self._now() < rule.until:
            return rule
        if message.automatic:
            return MayReply(False, "window", rule.until, rule.person_until)
        if self._now() >= (rule.person_until or rule.until):
            return MayReply(False, "person_window", rule.until, rule.person_until)
        return rule

    # -- numbers and words
    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return words.rule_words(rule, language)

    def _graph(self) -> Graph:
        from channels_social.adapters.facebook.graph import graph_of

        return graph_of(self.net, self.account)


def _receipt(answer: Mapping[str, Any], name: str) -> str:
    found = identifier(answer.get(name))
    if not found:
        raise Unclear(f"Facebook answered with a success that gives no {name}")
    return found
