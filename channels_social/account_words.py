"""What a manager reads of an account: what is wrong, what that means for callers, what to do. Codes come from
`selectors_accounts.py` and from outcomes of adapters; the network's own words stand beside them, never instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from channels_social.connect_words import permission_words, state_words
from channels_social.connections import KEY_ENDS_NEWS, key_ends_at, key_renews_itself
from channels_social.models import ChannelConnection
from channels_social.registry import channels
from channels_social.selectors_accounts import Level, Standing, Trouble
from channels_social.subscriptions import FAILED
from tickets.display.words import capped, day_and_time, span
from tickets.models import ChannelMode
from tickets.selectors import COUNT_CAP


@dataclass(frozen=True, slots=True)
class Told:
    """verdict: as a heading. said: the network's own words. means, do: sentences, the second may be ''. to: the address
    where one sees to it, '' for the account's own page."""

    state: str
    icon: str
    verdict: str
    said: str
    means: str
    do: str
    to: str = ""


_STANDS = gettext_lazy(
    "Nothing is sent from here and nothing is fetched. What is to be sent waits in its order."
)
_GOES_ON = gettext_lazy("Then press “It is mended, go on”.")

#: Code: verdict, what it means, what to do.
TROUBLES: Mapping[str, tuple[LazyText | str, LazyText | str, LazyText | str]] = {
    "not_connected": (
        gettext_lazy("Not connected"),
        gettext_lazy("Nothing arrives from this account and nothing can be sent."),
        gettext_lazy("Connect it with its network."),
    ),
    "reauthorise": (
        gettext_lazy("The network no longer takes our key"),
        _STANDS,
        gettext_lazy("Connect it again: what came meanwhile is read then."),
    ),
    "revoked": (
        gettext_lazy("Our permission was withdrawn"),
        _STANDS,
        gettext_lazy("Connect it again, signed in there as somebody who manages the account."),
    ),
    "restricted": (
        gettext_lazy("The network has restricted the account"),
        _STANDS,
        gettext_lazy("Sign in at the network as this account and do what it asks there."),
    ),
    "app_permissions": (
        gettext_lazy("Our registration at the network lacks a permission"),
        _STANDS,
        gettext_lazy("Give the registration the permission that the network names."),
    ),
    "app_secret": (
        gettext_lazy("The network refuses the secret of our registration"),
        _STANDS,
        gettext_lazy("Give the desk the registration’s present secret."),
    ),
    "credits": (
        gettext_lazy("What was paid for at the network is used up"),
        _STANDS,
        gettext_lazy("Buy more there, or wait for the next period."),
    ),
    "moved": (
        gettext_lazy("The network answers from another address"),
        _STANDS,
        gettext_lazy("Give the desk the new address."),
    ),
    "needs_person": (
        gettext_lazy("Stopped until somebody has looked at it"),
        _STANDS,
        gettext_lazy("Read what the network says, and put it right there."),
    ),
    "paused": (
        gettext_lazy("Pauses, because the network asked us to wait"),
        gettext_lazy("What is to be sent goes by itself after that."),
        "",
    ),
    "went_wrong": (
        gettext_lazy("The last call of the network failed"),
        gettext_lazy("It is tried again by itself. Nothing is lost."),
        "",
    ),
    "not_polled": (
        gettext_lazy("Nobody fetches what is new"),
        gettext_lazy("What the network does not bring by itself arrives late."),
        gettext_lazy("See that the desk’s workers run."),
    ),
    "bad_signatures": (
        gettext_lazy("Calls with a wrong signature"),
        gettext_lazy("They were refused, and nothing of them was kept."),
        gettext_lazy("If real messages are missing, the registration’s secret here is not the network’s."),
    ),
    "too_large": (
        gettext_lazy("Calls that were too large"),
        gettext_lazy("They were refused, and nothing of them was kept."),
        gettext_lazy("Look at the network what it tried to send; whoever wrote it may be waiting."),
    ),
    "notices_undecided": (
        gettext_lazy("Nobody has chosen how its notices go"),
        gettext_lazy("Until then every notice after the acknowledgement waits for an agent."),
        gettext_lazy("Read the network’s rule beside the choice, and choose."),
    ),
    "stopped": (
        gettext_lazy("Its automatic messages are stopped"),
        gettext_lazy("What would go by itself waits for a person. People still answer."),
        "",
    ),
    "unread": (
        gettext_lazy("Something could not be read"),
        gettext_lazy("It is kept, with what went wrong, and holds up nothing that came after it."),
        gettext_lazy("When the reader has been mended, read it once more."),
    ),
    "disconnected": (
        gettext_lazy("Disconnected"),
        gettext_lazy("Nothing arrives and nothing leaves. Its tickets and its history stay."),
        "",
    ),
    "not_hooked": (
        gettext_lazy("The network does not send us what is new by itself"),
        gettext_lazy("It is asked instead, so messages arrive a little later. It is tried again by itself."),
        "",
    ),
    "key_ends": (
        gettext_lazy("Our key ends soon"),
        gettext_lazy("After that nothing is sent from here and nothing is fetched."),
        gettext_lazy("Connect it again before that; nothing is lost by it."),
    ),
    "key_ended": (
        gettext_lazy("Our key has ended"),
        gettext_lazy("The network may refuse us at any moment."),
        gettext_lazy("Connect it again; nothing is lost by it."),
    ),
    "missing": (
        gettext_lazy("A permission is missing"),
        "",
        gettext_lazy("Connect it again, and give what is missing on the network’s page."),
    ),
    "nobody_reads": (
        gettext_lazy("Publishes, and nobody reads it"),
        gettext_lazy("What people write to it is counted and not kept in this mode."),
        "",
    ),
}

#: What a mode does, beside its name.
MODES: Mapping[str, LazyText | str] = {
    ChannelMode.OFF.value: gettext_lazy("Nothing in, nothing out. What arrives is counted, and not kept."),
    ChannelMode.PUBLISH_ONLY.value: gettext_lazy(
        "What arrives is counted, and not kept; nobody is answered. Until publishing exists it sends nothing."
    ),
    ChannelMode.COLLECT_FEEDBACK.value: gettext_lazy(
        "What arrives is read and sorted. No dates, no promises, and nobody is answered from here."
    ),
    ChannelMode.CUSTOMER_SERVICE.value: gettext_lazy(
        "Requests get a ticket, an acknowledgement with a date, and an answer."
    ),
}

_ICONS = {Level.ILL: "breached", Level.SOON: "at-risk", Level.WELL: "kept", Level.QUIET: "waits"}
_STATES = {Level.ILL: "ill", Level.SOON: "soon", Level.WELL: "well", Level.QUIET: "off"}


def told(one: Standing, *, now: datetime) -> list[Told]:
    """Worst first; of an account where all is well, that."""
    if one.troubles:
        return [_told(trouble, one, now) for trouble in one.troubles]
    words = _("Well") if one.level == Level.WELL else str(ChannelMode(one.account.mode).label)
    return [Told(_STATES[one.level], _ICONS[one.level], words, "", "", "")]


def _told(trouble: Trouble, one: Standing, now: datetime) -> Told:
    verdict, means, todo = (str(words) for words in TROUBLES.get(trouble.code, TROUBLES["needs_person"]))
    if trouble.code == "paused" and trouble.at is not None:
        verdict = _("Pauses until %(when)s, because the network asked us to wait") % {
            "when": day_and_time(trouble.at, now)
        }
    elif trouble.code == "stopped" and trouble.at is not None:
        verdict = _("Its automatic messages are stopped since %(when)s") % {
            "when": day_and_time(trouble.at, now)
        }
        by = one.account.automatic_stopped_by
        verdict = _("%(what)s, by %(who)s") % {"what": verdict, "who": by} if by is not None else verdict
    elif trouble.code == "unread":
        verdict = ngettext(
            "%(n)s event could not be read", "%(n)s events could not be read", trouble.count
        ) % {"n": capped(trouble.count, COUNT_CAP)}
    elif trouble.code == "bad_signatures" and trouble.at is not None:
        verdict = ngettext(
            "%(n)s call with a wrong signature, the last %(when)s",
            "%(n)s calls with a wrong signature, the last %(when)s",
            trouble.count,
        ) % {"n": trouble.count, "when": day_and_time(trouble.at, now)}
    elif trouble.code == "too_large" and trouble.at is not None:
        verdict = ngettext(
            "%(n)s call was too large, the last %(when)s",
            "%(n)s calls were too large, the last %(when)s",
            trouble.count,
        ) % {"n": trouble.count, "when": day_and_time(trouble.at, now)}
    elif trouble.code == "went_wrong" and trouble.at is not None:
        verdict = _("A call of the network failed, %(when)s") % {"when": day_and_time(trouble.at, now)}
    elif trouble.code == "not_polled" and trouble.at is not None:
        verdict = _("Nobody fetches what is new, since %(when)s") % {"when": day_and_time(trouble.at, now)}
    elif trouble.code in ("key_ends", "key_ended") and trouble.at is not None:
        when = {"when": day_and_time(trouble.at, now)}
        verdict = (
            _("Well until %(when)s: our key ends then")
            if trouble.code == "key_ends"
            else _("Our key ended %(when)s")
        ) % when
    elif trouble.code == "missing":
        means = permissions(one)
    elif trouble.code == "disconnected" and trouble.at is not None:
        verdict = _("Disconnected since %(when)s") % {"when": day_and_time(trouble.at, now)}
    elif trouble.level == Level.ILL and trouble.at is not None:
        means = _("Since %(when)s.") % {"when": day_and_time(trouble.at, now)} + " " + means
    if (
        trouble.code not in ("stopped", "not_connected", "reauthorise", "revoked")
        and trouble.level == Level.ILL
    ):
        todo = f"{todo} {_GOES_ON}"
    to = reverse("quarantine") if trouble.code == "unread" else ""
    return Told(_STATES[trouble.level], _ICONS[trouble.level], verdict, trouble.said, means, todo, to)


def permissions(one: Standing) -> str:
    """What does not work without what is missing."""
    adapter = channels().get(one.account.channel)
    if one.bridge is None or adapter is None:
        return ""
    language = (get_language() or "en").split("-")[0]
    found = [permission_words(adapter, str(name), language) for name in one.bridge.missing]
    return " ".join(words for words in found if words)


def facts(one: Standing, *, now: datetime) -> Sequence[str]:
    """What works and since when, each a sentence: what comes in, what goes out, our key, what is left."""
    bridge = one.bridge
    if bridge is None or bridge.disconnected_at is not None:
        return []
    kind = channels().get(one.account.channel)
    if kind is not None and kind.capabilities.spoken:
        return [_("People note their calls here; nothing comes in or goes out by itself.")]
    found = [
        _("Last event read %(when)s.") % {"when": day_and_time(bridge.last_inbound_at, now)}
        if bridge.last_inbound_at is not None
        else _("No event was ever read.")
    ]
    if not one.account.receives:
        found.append(
            ngettext(
                "In this mode nothing is read: %(n)s event was counted, and not kept.",
                "In this mode nothing is read: %(n)s events were counted, and not kept.",
                one.not_kept,
            )
            % {"n": one.not_kept}
        )
    elif one.polled:
        found.append(_polls(one, now))
    found += [
        *_hooked(one, now),
        *_sent(one, now),
        *_signatures(one, now),
        *_key(bridge, now),
        *_left(bridge, now),
    ]
    return found


def _may_call(bridge: ChannelConnection) -> bool:
    """Whether the network could call us at all: where our registration holds no secret, nothing it says is believed."""
    return any(bridge.app.secrets.values())


def _hooked(one: Standing, now: datetime) -> list[str]:
    """How what is new reaches us, where somebody has looked."""
    bridge, adapter = one.bridge, channels().get(one.account.channel)
    if bridge is None or adapter is None or one.account.mode == ChannelMode.OFF:
        return []
    if bridge.hook_code == "by_hand" and not _may_call(bridge):
        return []
    if bridge.hook_code and bridge.hook_code != FAILED:
        words = state_words(adapter, bridge.hook_code, (get_language() or "en").split("-")[0])
        return [words or _("The network does not send what is new by itself: it is asked.")]
    if bridge.hook_at is None:
        return []
    stands = _("Our webhook stands with %(n)s, seen %(when)s.")
    kinds = ngettext("%(n)s subscription", "%(n)s subscriptions", len(bridge.hook_events)) % {
        "n": len(bridge.hook_events)
    }
    return [stands % {"n": kinds, "when": day_and_time(bridge.hook_at, now)}]


def _sent(one: Standing, now: datetime) -> list[str]:
    bridge = one.bridge
    last = bridge.last_sent_at if bridge is not None else None
    found = [
        _("Last message sent %(when)s.") % {"when": day_and_time(last, now)}
        if last is not None
        else _("No message was ever sent.")
    ]
    if one.waiting and one.first_waits is not None:
        found.append(
            ngettext(
                "%(n)s message waits to be sent, since %(when)s.",
                "%(n)s messages wait to be sent, the first since %(when)s.",
                one.waiting,
            )
            % {"n": one.waiting, "when": day_and_time(one.first_waits, now)}
        )
    return found


def _signatures(one: Standing, now: datetime) -> list[str]:
    kind = channels().get(one.account.channel)
    if one.bridge is None or kind is None or not kind.capabilities.webhooks:
        return []
    if not _may_call(one.bridge):
        return []
    app = one.bridge.app
    if app.last_bad_signature_at is None:
        return [_("Every call of the network’s had its signature.")]
    if any(trouble.code == "bad_signatures" for trouble in one.troubles):
        return []
    words = ngettext(
        "%(n)s call had a wrong signature, the last %(when)s.",
        "%(n)s calls had a wrong signature, the last %(when)s.",
        app.bad_signatures,
    )
    return [words % {"n": app.bad_signatures, "when": day_and_time(app.last_bad_signature_at, now)}]


def _key(bridge: ChannelConnection, now: datetime) -> list[str]:
    ends = key_ends_at(bridge)
    found = []
    if key_renews_itself(bridge):
        found.append(_("Our key renews itself."))
    elif ends is not None and ends > now + KEY_ENDS_NEWS:
        found.append(_("Our key ends %(when)s.") % {"when": day_and_time(ends, now)})
    if bridge.checked_at is not None:
        found.append(_("Last tested %(when)s.") % {"when": day_and_time(bridge.checked_at, now)})
    return found


_LEFT = {
    "reads": gettext_lazy("%(left)s of %(of)s readings left, as of the last test"),
    "posts": gettext_lazy("%(left)s of %(of)s posts left, as of the last test"),
    "calls": gettext_lazy("%(left)s of %(of)s per cent of the calls left, as of the last test"),
}


def _left(bridge: ChannelConnection, now: datetime) -> list[str]:
    """What the network lets us do still, and our own pace."""
    found = []
    for each in bridge.budget:
        until = datetime.fromisoformat(each["until"]) if each.get("until") else None
        words = _LEFT.get(str(each.get("what")))
        if words is None or (until is not None and until <= now):
            continue
        told = str(words) % {"left": each["left"], "of": each["of"]}
        if until is not None:
            told = _("%(left)s, until %(when)s") % {"left": told, "when": day_and_time(until, now)}
        found.append(f"{told}.")
    if bridge.bucket_size:
        words_ = _("At most %(n)s messages a minute go out: our own pace.")
        found.append(words_ % {"n": f"{bridge.bucket_per_minute:g}"})
    return found


def _polls(one: Standing, now: datetime) -> str:
    bridge = one.bridge
    if bridge is None or bridge.polled_at is None:
        return _("The network was not asked for what is new yet.")
    when = day_and_time(bridge.polled_at, now)
    if bridge.poll_every is None:
        return _("Last asked the network for what is new %(when)s.") % {"when": when}
    every = bridge.poll_every
    pause = span(every) if every >= timedelta(minutes=1) else _("%(n)d s") % {"n": every.total_seconds()}
    return _("Last asked the network for what is new %(when)s; every %(span)s.") % {
        "when": when,
        "span": pause.replace(" ", "\u00a0"),
    }
