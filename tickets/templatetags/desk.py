"""What templates ask for: icons by slug, times and codes in words, the promise's line. No queries but `desk_rail`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from priority.policy import Policy
from tickets import selectors, selectors_notifications, selectors_rail, selectors_rows
from tickets.clock import database_now
from tickets.display import bits, codes, files, history, phrases, promises, tags, words
from tickets.display import if_nobody as nobody
from tickets.display import options as list_options
from tickets.display.line import Line, Standing
from tickets.live_now import Live
from tickets.models import AgentTask, Attachment, Message, OutboundReply, Promise, Ticket, TicketEvent
from tickets.selectors_talk import Became
from tickets.services.tasks import BY_HAND
from tickets.views.last_verdict import SHOWN_FOR, LastVerdict
from tickets.views.last_verdict import last_verdict as find_last_verdict

register = template.Library()

FALLBACK_ICON = "chat"


@cache
def _symbols() -> frozenset[str]:
    sprite = Path(settings.BASE_DIR, "static", "icons.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([a-z-]+)"', sprite))


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """A sign of the sprite; without a label it is decoration. A channel without a sign of its own gets a balloon."""
    return _icon(name, label, extra)


@lru_cache(maxsize=1024)  # a page of the queue holds some two hundred of them
def _icon(name: str, label: str, extra: str) -> SafeString:
    symbol = name if name in _symbols() else FALLBACK_ICON
    classes = f"icon {extra}".strip()
    sprite = f"{static('icons.svg')}#{symbol}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>',
            classes,
            label,
            sprite,
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, sprite)


@register.simple_tag(takes_context=True)
def desk_rail(context: template.Context, user: User, now: datetime | None = None) -> selectors_rail.Figures:
    """Those that the page has asked for beside its own. `now`: the page's own, where it has one; a page of another kind
    asks for it."""
    asked = context.get("figures")
    if isinstance(asked, selectors_rail.Figures):
        return asked
    return selectors_rail.figures(user, now=now or database_now())


@register.simple_tag
def live_at() -> SafeString:
    """The body's attribute that says where a page opens its socket; of its own origin where that is the desk's. Without
    it nothing is told, and pages ask by themselves."""
    if settings.LIVE_URL == "none":
        return SafeString("")
    return format_html(' data-live="{}/ws"', settings.LIVE_URL)


@register.filter
def capped(count: int) -> str:
    return words.capped(count, selectors.COUNT_CAP)


@register.filter
def bell_figure(count: int) -> str:
    return words.capped(count, selectors_notifications.BELL_CAP)


@register.filter
def asked_words(ask: str) -> str:
    """What a category asks of its callers (tickets/asked_for.py)."""
    return codes.asked_words(ask)


@register.filter
def tag_words(tag: str) -> str:
    return tags.tag_words(tag)


@register.filter
def stamp(when: datetime) -> str:
    """For a `datetime` attribute: ISO 8601 to the minute."""
    return when.isoformat(timespec="minutes")


@register.filter
def day_time(when: datetime, now: datetime) -> str:
    return words.day_and_time(when, now)


@register.filter
def day(when: datetime, now: datetime) -> str:
    return words.day(when, now)


@register.filter
def clock(when: datetime) -> str:
    return words.clock(when)


@register.filter
def clock_to_second(when: datetime) -> str:
    return words.clock_to_second(when)


@register.filter
def ago(when: datetime, now: datetime) -> str:
    return words.span(now - when)


@register.filter
def handle(label: str) -> str:
    return words.handle(label)


@register.filter
def size_words(size: int | None) -> str:
    return files.size_words(size)


@register.simple_tag
def shows_small(size: int | None) -> bool:
    """Whether a picture is small enough to be fetched for a glance."""
    return (size or 0) <= files.MOST_OF_A_GLANCE


@register.simple_tag
def attachment_words(row: Attachment) -> str:
    """What became of what hung on a message."""
    return files.attachment_words(row)


@register.simple_tag
def name_shown(row: Attachment) -> str:
    return files.name_shown(row)


@register.simple_tag
def pictures_within(count: int) -> str:
    return files.pictures_within(count)


@register.simple_tag
def also_to_words(names: Sequence[str]) -> str:
    """Who else a message was sent to."""
    return words.also_to(names)


@register.simple_tag
def became_words(became: Became | None, now: datetime) -> str:
    """What the network told of a message of ours after it was sent; "" where it told nothing."""
    return words.became(became.state, became.at, now) if became is not None else ""


@register.filter
def initials(name: str) -> str:
    """GM: of the first and the last word."""
    parts = name.split()
    return "".join(word[0] for word in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


@register.filter
def in_my_language(names: Mapping[str, str]) -> str:
    """The reader's own of the policy's texts per language, else the first one there is."""
    return phrases.in_my_language(names)


@register.simple_tag
def options(pairs: list_options.Pairs, chosen: str | None = None) -> SafeString:
    """Choices of a list, by value and words."""
    return list_options.options(pairs, chosen)


@register.simple_tag
def policy_pairs(policy: Policy) -> list_options.PolicyPairs:
    """What of the policy there is to choose from."""
    return list_options.policy_pairs(policy)


@register.simple_tag
def short_line(line: Line | None) -> SafeString:
    """A row's line of time; without one, the dashes of a clock that stands still."""
    return _short_line(line)


@lru_cache(maxsize=1024)  # its figures are per cent to one decimal, and a page holds some twenty
def _short_line(line: Line | None) -> SafeString:
    if line is None:
        return mark_safe(
            '<svg class="line" aria-hidden="true"><line class="pause" x1="0" x2="100%" y1="4" y2="4"/></svg>'
        )
    parts = [f'<rect class="rest" y="3" width="{pct(line.stake)}" height="2"/>']
    if line.risk_from is not None and line.risk is not None:
        risk = f'x="{pct(line.risk_from)}" y="2" width="{pct(line.risk)}"'
        parts.append(f'<rect class="risk" {risk} height="4"/>')
    parts.append(f'<rect class="run" y="2" width="{pct(line.run)}" height="4"/>')
    if line.over:
        parts.append(f'<rect class="over" x="{pct(line.stake)}" y="2" width="{pct(line.over)}" height="4"/>')
    parts.append(f'<rect class="stake" x="{pct(line.stake)}" y="0" width="2" height="8"/>')
    return mark_safe(f'<svg class="line" aria-hidden="true">{"".join(parts)}</svg>')  # noqa: S308 - figures


@register.simple_tag
def standing_words(standing: Standing, promised_for: datetime | None, now: datetime) -> str:
    return words.standing(standing, promised_for=promised_for, now=now)


@register.simple_tag
def standing_short(standing: Standing, promised_for: datetime, now: datetime) -> str:
    return words.standing_short(standing, promised_for=promised_for, now=now)


@register.simple_tag
def row_bits(row: selectors_rows.Row, now: datetime) -> list[bits.Bit]:
    told = row.told is not None
    found = bits.bits_of(row.ticket, row.asks, was_told=told, has_draft=row.has_draft, now=now)
    if row.live is not None:
        found.insert(1 if found and found[0].weight == "needs" else 0, bits.live_bit(row.live, now=now))
    return found


@register.simple_tag
def live_words(live: Live, now: datetime) -> str:
    return bits.live_bit(live, now=now).words


@register.simple_tag
def waits_words(ticket: Ticket, now: datetime) -> str:
    return bits.waits_words(ticket, now=now)


@register.simple_tag
def triage_clock(due_at: datetime | None, now: datetime) -> str:
    return words.clock_left(due_at, now) if due_at is not None else ""


@register.filter
def promise_kind(kind: str) -> str:
    return words.promise_kind(kind)


@register.simple_tag
def event_words(event: TicketEvent, now: datetime, reasons: codes.Names | None = None) -> str:
    return history.event_words(event, now=now, reasons=reasons)


@register.simple_tag
def task_words(task: AgentTask) -> str:
    return codes.task_words(task)


@register.simple_tag
def task_reason(task: AgentTask) -> str:
    return codes.task_reason(task)


@register.simple_tag
def if_nobody(task: AgentTask, promised_for: datetime | str | None, now: datetime) -> str:
    """`promised_for`: "" where the task has no ticket."""
    return nobody.if_nobody(task, promised_for if isinstance(promised_for, datetime) else None, now)


@register.simple_tag
def task_until(task: AgentTask, now: datetime) -> str:
    """Until when a person may still write there, where the network sets a time."""
    until = parse_datetime(str(task.args.get("until", "")))
    return words.day_and_time(until, now) if until is not None else ""


@register.simple_tag
def task_end(task: AgentTask) -> str:
    return codes.task_end(task)


@register.simple_tag
def task_how(task: AgentTask) -> str:
    return BY_HAND.get(task.kind, "")


@register.simple_tag
def held_words(reply: OutboundReply) -> str:
    return codes.held_words(reply.held_reason)


@register.simple_tag
def held_ahead(held: Mapping[str, Any], token: str) -> Any:
    """What a held message would say, if it was worked out."""
    return held.get(token)


@register.simple_tag
def machine_words(message: Message) -> str:
    return codes.machine_words(message.machine_rule)


@register.filter
def short_day(day: date, now: datetime) -> str:
    """A day without a time, as a choice in a list."""
    return words.short_day(day, now)


@register.simple_tag
def superseded_words(reply: OutboundReply) -> str:
    return codes.superseded_words(reply.held_reason)


@register.simple_tag
def promise_told(promise: Promise, now: datetime) -> str:
    return promises.told_words(promise, now=now)


@register.simple_tag
def promise_end(promise: Promise, now: datetime) -> str:
    return promises.end_words(promise, now=now)


@register.filter
def promise_reason(code: str) -> str:
    return codes.promise_reason(code)


@register.simple_tag
def triage_reason(ticket: Ticket, reasons: codes.Names) -> str:
    """`reasons`: the managers’ list."""
    return codes.triage_reason(ticket.triage_reason, reasons)


@register.simple_tag
def town_url() -> str:
    """Where the demo's callers live; "" for a desk that is no demo."""
    return str(settings.TOWN_URL)


@register.simple_tag(takes_context=True)
def last_verdict(context: template.Context) -> LastVerdict | None:
    """The verdict that whoever reads this gave last, while it may be missed: on a list, on its own ticket, and on the
    next ones of its round."""
    found = find_last_verdict(context["request"].session, context["now"])
    here = context.get("t")
    if found is None or here is None or here.shown_reference == found.shown:
        return found
    triaging = context.get("triage")
    return found if triaging is not None and triaging.round is not None else None


@register.filter
def is_fresh(when: datetime, now: datetime) -> bool:
    """Whether it was done so lately that whoever did it may be looking for the way back."""
    return now - when <= SHOWN_FOR


@register.simple_tag
def gone_words(message: Message, now: datetime) -> str:
    when = words.day_and_time(message.removed_at, now) if message.removed_at is not None else ""
    return codes.gone_words(message.removed_rule, when)


@register.filter
def pct(value: float) -> str:
    """A length for an SVG attribute: a point, whatever the language writes."""
    return f"{value:g}%"


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)
