"""What a ticket is about and how it weighs: call type, category, impact, urgency; and what later words propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages import DeskRequest, desk_page
from priority.policy import Policy
from priority.selectors import policy_of
from tickets.channels import measured, seen_by
from tickets.clock import database_now
from tickets.display.why import overrides
from tickets.display.words import day_and_time
from tickets.models import CallType, Ticket
from tickets.services.durations import duration_of
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.properties import (
    properties_ahead,
    proposal_accept,
    proposal_decline,
    ticket_properties_set,
)
from tickets.views.forms import version_of
from tickets.views.later import Preview
from tickets.views.measure import left_words
from tickets.views.panel import Panel, attempt, values_of
from tickets.views.ticket import ticket_or_404, ticket_show, to_ticket

#: What the priority follows from; the call type gives no more than durations, where the policy has any for it.
WEIGH = ("category", "impact", "urgency")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def properties(request: DeskRequest, shown: str) -> HttpResponse:
    """The form; sent with `show`, the same form with what would follow and what the caller would read."""
    found = ticket_or_404(request.user, shown)
    policy = policy_of(found.policy_revision_id)
    chosen = _chosen(request.POST, found, policy)

    def show(refused: str = "", changed: str = "", status: int = 200) -> HttpResponse:
        followed = _followed(request.user, found, policy, chosen)
        more = {
            "properties": _form(policy, chosen, followed.outcome),
            "preview": followed.preview,
            "overrides": overrides(),
        }
        panel = Panel("properties", values_of(request.POST), refused, changed, more=more)
        return ticket_show(request, found.reference, panel=panel, status=status)

    if request.method != "POST" or request.POST.get("show"):
        return show()
    done = attempt(
        lambda: ticket_properties_set(
            actor=request.user,
            ticket_id=found.pk,
            category=chosen["category"],
            impact=chosen["impact"],
            urgency=chosen["urgency"],
            why=request.POST.get("why", ""),
            call_type=chosen["call_type"] or None,
            seen_version=version_of(request.POST),
            now=database_now(),
        ),
        show,
    )
    if done is not None:
        return done
    messages.success(request, _said(found, chosen))
    return to_ticket(found)


@require_POST
@desk_page
def properties_preview(request: DeskRequest, shown: str) -> HttpResponse:
    """What would follow, and what the caller would read of it, as JSON {outcome, text, words, over}."""
    found = ticket_or_404(request.user, shown)
    policy = policy_of(found.policy_revision_id)
    followed = _followed(request.user, found, policy, _chosen(request.POST, found, policy))
    preview = followed.preview
    return JsonResponse(
        {
            "outcome": followed.outcome,
            "text": preview.text if preview is not None else "",
            "words": preview.words if preview is not None else "",
            "over": preview is not None and preview.is_over,
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def proposal(request: DeskRequest, shown: str) -> HttpResponse:
    """Accept what later words propose, or leave it as it is."""
    found = ticket_or_404(request.user, shown)
    if request.method != "POST":
        return to_ticket(found)
    what = request.POST.get("what")
    try:
        if what == "accept":
            proposal_accept(actor=request.user, ticket_id=found.pk, now=database_now())
            messages.success(request, _("Changed. Our targets are counted anew."))
        elif what == "decline":
            proposal_decline(actor=request.user, ticket_id=found.pk, now=database_now())
            messages.success(request, _("Left as it was."))
        else:
            messages.error(request, _("Choose what to do with the proposal."))
    except NotFound:
        messages.error(request, _("Nothing waits for a verdict here any more."))
    except (Refused, Changed) as refusal:
        messages.error(request, refusal.words)
    return to_ticket(found)


def _chosen(form: QueryDict, found: Ticket, policy: Policy) -> dict[str, str]:
    """What the form says, else what the ticket has."""
    keys = {
        "call_type": set(CallType.values),
        "category": {*(each.key for each in policy.categories), policy.otherwise.key},
        "impact": {each.key for each in policy.impacts},
        "urgency": {each.key for each in policy.urgencies},
    }
    return {
        name: value if (value := form.get(name, "")) in known else getattr(found, name)
        for name, known in keys.items()
    }


def _form(policy: Policy, chosen: dict[str, str], outcome: str) -> dict[str, Any]:
    return {
        **chosen,
        "call_types": [(each.value, str(each.label)) for each in CallType],
        "categories": [*policy.categories, policy.otherwise],
        "impacts": sorted(policy.impacts, key=lambda level: level.rank),
        "urgencies": sorted(policy.urgencies, key=lambda level: level.rank),
        "outcome": outcome,
    }


def _said(found: Ticket, chosen: dict[str, str]) -> str:
    if all(chosen[name] == getattr(found, name) for name in WEIGH):
        return _("Changed.")
    return _("Changed. Our targets are counted anew.")


@dataclass(frozen=True, slots=True)
class _Followed:
    """`outcome`: the priority that follows, and what that does to the date. `preview`: what the caller would read."""

    outcome: str
    preview: Preview | None = None


def _call_type_weighs(found: Ticket, policy: Policy, chosen: dict[str, str]) -> bool:
    """Whether the call type that was chosen has other durations than the one that stands."""
    given = duration_of(found) if found.priority else None
    return given is not None and given != policy.duration(found.priority, found.category, chosen["call_type"])


def _followed(user: User, found: Ticket, policy: Policy, chosen: dict[str, str]) -> _Followed:
    if not chosen["impact"] or not chosen["urgency"]:
        return _Followed("")
    if all(chosen[name] == getattr(found, name) for name in WEIGH) and not _call_type_weighs(
        found, policy, chosen
    ):
        return _Followed(_("It stays %(priority)s.") % {"priority": _named(policy, found.priority)})
    now = database_now()
    said = {name: chosen[name] for name in WEIGH}
    try:
        ahead = properties_ahead(
            actor=user, ticket_id=found.pk, **said, now=now, call_type=chosen["call_type"] or None
        )
    except Refused as refusal:
        return _Followed(refusal.words)
    words = {"priority": _named(policy, ahead.priority)}
    stays = ahead.priority == found.priority
    follows = (_("It stays %(priority)s.") if stays else _("It becomes %(priority)s.")) % words
    notice = ahead.notice
    if notice is None or notice.tells_for is None:
        told = "" if found.promised_for is None else " " + _("The date stays as the caller was told.")
        return _Followed(follows + told)
    date = {"date": day_and_time(notice.tells_for, now)}
    if ahead.kept_back:
        follows += " " + _("The caller is told %(date)s, as soon as an agent releases it.") % date
    else:
        follows += " " + _("The caller is told %(date)s, with the reason.") % date
    place = notice.conversation
    length = measured(place.account, notice.text, seen_by(place))
    return _Followed(
        follows, Preview(place, notice.text, left_words(length), not length.fits, notice.language)
    )


def _named(policy: Policy, priority: str) -> str:
    if not priority:
        return ""
    names = policy.priority(priority).name
    return names.get((get_language() or "en").split("-")[0]) or next(iter(names.values()))
