"""What a manager asks of an account's network: a look, a test post, no more of it. A GET says what a press will do."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import DeskRequest, desk_page
from channels_social import connect_words
from channels_social.checking import account_check, account_try_out
from channels_social.disconnecting import account_disconnect
from channels_social.registry import channels
from channels_social.selectors_accounts import Standing
from channels_social.views_accounts import standing_or_404
from tickets.clock import database_now
from tickets.selectors_accounts import promises_from
from tickets.services.errors import Changed, Refused

_SHOWN = 20


@require_POST
@desk_page
def account_look(request: DeskRequest, name: str) -> HttpResponse:
    """Test it, without a word to any caller."""
    one = standing_or_404(request, name)
    try:
        found = account_check(actor=request.user, account_id=one.account.pk, now=database_now())
    except Refused as refusal:
        messages.error(request, _("The test failed: %(words)s") % {"words": refusal.words})
        return _to(one)
    if found.missing:
        words = _("Our key is taken, but permissions are missing: %(names)s.")
        messages.warning(request, words % {"names": ", ".join(found.missing)})
    else:
        words = ngettext(
            "The test worked: our key is taken, and a page with %(n)s message was read. Nobody was written to.",
            "The test worked: our key is taken, and a page with %(n)s messages was read. Nobody was written to.",
            found.read,
        )
        said = words % {"n": found.read}
        if found.saw:
            said += " " + _("It sees: %(places)s.") % {"places": _some(found.saw)}
        messages.success(request, said)
    return _to(one)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def account_try(request: DeskRequest, name: str) -> HttpResponse:
    """A post that speaks to nobody, taken away at once."""
    one = standing_or_404(request, name)
    kind = channels().get(one.account.channel)
    does = kind.try_out_words(_language()) if kind is not None else ""
    if request.method != "POST":
        context = {
            "one": one,
            "account": one.account,
            "does": does,
            "here": "accounts",
            "now": database_now(),
        }
        return render(request, "channels_social/account_try.html", context)
    try:
        account_try_out(actor=request.user, account_id=one.account.pk, now=database_now())
    except Refused as refusal:
        messages.error(request, _("The test failed: %(words)s") % {"words": refusal.words})
    else:
        messages.success(request, _("The test post went out and was taken away again."))
    return _to(one)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def account_cut(request: DeskRequest, name: str) -> HttpResponse:
    """GET says how many open promises become tasks; POST, with that number, disconnects."""
    one = standing_or_404(request, name)
    if request.method != "POST":
        return _cut_page(request, one)
    seen = request.POST.get("promises", "0")
    try:
        left = account_disconnect(
            actor=request.user,
            account_id=one.account.pk,
            seen_promises=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
            now=database_now(),
        )
    except Changed as change:
        return _cut_page(request, one, words=change.words, status=409)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return _to(one)
    kind = channels().get(one.account.channel)
    words = connect_words.state_words(kind, left.code, _language()) if kind is not None else ""
    messages.success(request, _("%(account)s is disconnected.") % {"account": one.account})
    if words:
        messages.warning(request, f"{words} ({left.said})" if left.said else words)
    return _to(one)


def _cut_page(request: DeskRequest, one: Standing, *, words: str = "", status: int = 200) -> HttpResponse:
    promises = len(promises_from(one.account.pk)) if one.account.answers else 0
    context = {
        "one": one,
        "account": one.account,
        "promises": promises,
        "words": words,
        "now": database_now(),
        "here": "accounts",
    }
    return render(request, "channels_social/account_disconnect.html", context, status=status)


def _some(names: Sequence[str]) -> str:
    """The first of them; how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    if more <= 0:
        return shown
    return ngettext("%(some)s and %(n)s more", "%(some)s and %(n)s more", more) % {"some": shown, "n": more}


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _to(one: Standing) -> HttpResponse:
    return HttpResponseRedirect(reverse("account", args=[one.name]))
