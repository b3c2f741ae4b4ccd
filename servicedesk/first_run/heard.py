"""How far the first post has come: an account that answers, a post that was heard, a date that was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from tickets.models import ChannelAccount, Direction, Message, OutboundReply, ReplyKind, ReplyState
from tickets.selectors import tickets_visible
from tickets.selectors_accounts import accounts_run


@dataclass(frozen=True, slots=True)
class Heard:
    """accounts: those connected; answering: the first in customer service, if any. reply: the acknowledgement that went
    out, else the newest one that is to go. post: the first words of its caller, or of anybody while there is none."""

    accounts: Sequence[ChannelAccount]
    answering: ChannelAccount | None
    post: Message | None
    reply: OutboundReply | None

    @property
    def is_done(self) -> bool:
        return self.reply is not None and self.reply.state == ReplyState.SENT


def heard(user: User) -> Heard:
    accounts = list(accounts_run(user).order_by("pk"))
    tickets = tickets_visible(user)
    replies = OutboundReply.objects.filter(ticket__in=tickets, kind=ReplyKind.ACKNOWLEDGEMENT)
    reply = replies.filter(state=ReplyState.SENT).order_by("pk").first() or replies.order_by("-pk").first()
    said = Message.objects.filter(direction=Direction.INBOUND, ticket__in=tickets)
    if reply is not None:
        said = said.filter(ticket_id=reply.ticket_id)
    return Heard(
        accounts,
        next((account for account in accounts if account.answers), None),
        said.select_related("identity", "ticket").order_by("pk").first(),
        reply,
    )
