"""Our registration at a network, which every account of ours there shares: its form, its secrets, its addresses."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from channels_social.adapter import AppView, Channel
from channels_social.connections import CALL_DEADLINE
from channels_social.models import ChannelApp
from channels_social.net import BadBaseURL, Net, check_base_url
from channels_social.registry import channel
from tickets.services.account_lock import runs_the_desk
from tickets.services.audit import event_record
from tickets.services.errors import Refused

VALUE_MOST = 2_000


def may_be_private() -> bool:
    """Whether a network may stand at a private address: a stand-in on this very machine, on a laptop and in tests."""
    return settings.NETWORKS_MAY_BE_PRIVATE


def app_view(app: ChannelApp) -> AppView:
    return AppView(app.secrets, app.settings)


def app_net(app: ChannelApp) -> Net:
    """The network as our registration uses it, before an account is known."""
    view = app_view(app)
    newest = {name: view.newest(name) for name in (*app.settings, *app.secrets)}
    return Net(
        deadline=CALL_DEADLINE,
        allow_private=may_be_private(),
        read_credentials=lambda: newest,
        rotate=lambda _old, new: new,
        settings=app.settings,
    )


def hook_address(app: ChannelApp) -> str:
    """Where the network sends what is new. The app's setting `desk_url` stands before PUBLIC_URL where the network
    reaches this desk by another way than people do."""
    base = str(app.settings.get("desk_url") or settings.PUBLIC_URL).rstrip("/")
    return base + reverse("webhook", args=[app.channel, app.hook_key])


def callback_address(slug: str) -> str:
    """Where the network's own pages send a manager back to."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("account_connect_back", args=[slug])


def registration_of(slug: str) -> ChannelApp | None:
    """The registration that new accounts are connected with: the newest."""
    return ChannelApp.objects.filter(channel=slug).order_by("-pk").first()


def registration_save(*, actor: Actor, slug: str, given: Mapping[str, str], now: datetime) -> ChannelApp:
    """Make the registration at this network, or bring it up to date. A secret that is left empty stays as it is; a new
    one goes first and the one before stays valid beside it, for what the network signed before it changed.

    Raises NotFound, Refused with the field's name as code.
    """
    runs_the_desk(actor)
    adapter = channel(slug)
    values = {field.name: given.get(field.name, "").replace("\0", "").strip() for field in adapter.app_fields}
    with transaction.atomic():
        app = ChannelApp.objects.select_for_update().filter(channel=slug).order_by("-pk").first()
        stored: Mapping[str, list[str]] = app.secrets if app is not None else {}
        for field in adapter.app_fields:
            if field.required and not values[field.name] and not stored.get(field.name):
                raise Refused(field.name, _("Fill in: %(field)s.") % {"field": field.label})
            if len(values[field.name]) > VALUE_MOST:
                raise Refused(field.name, _("Too long to be right: %(field)s.") % {"field": field.label})
        if values.get("base_url"):
            try:
                values["base_url"] = check_base_url(values["base_url"])
            except BadBaseURL as error:
                raise Refused("base_url", str(error)) from error
        kept = {
            field.name: _rotated(values[field.name], stored.get(field.name, []))
            for field in adapter.app_fields
            if field.secret
        }
        # What an earlier form stored among the secrets is read there first; it must not outlive its change.
        open_values = {field.name: values[field.name] for field in adapter.app_fields if not field.secret}
        if app is None:
            app = ChannelApp(
                channel=slug, name=str(adapter.label), hook_key=secrets.token_urlsafe(24), created_at=now
            )
        known = {field.name for field in adapter.app_fields}
        hidden = {name: value for name, value in app.settings.items() if name not in known}
        changed = sorted(
            [name for name, value in kept.items() if value != list(stored.get(name, []))]
            + [name for name, value in open_values.items() if value != app.settings.get(name, "")]
        )
        app.secrets = {name: value for name, value in kept.items() if value}
        app.settings = hidden | {name: value for name, value in open_values.items() if value}
        app.save()
        if changed:
            args = {"channel": slug, "changed": changed}
            event_record("account_registration_saved", actor=actor, now=now, args=args)
    return app


def _rotated(new: str, stored: list[str]) -> list[str]:
    if not new or new in stored[:1]:
        return list(stored)
    return [new, *stored[:1]]


def keys_alone(adapter: type[Channel]) -> bool:
    """Whether an account's own keys are enough: nothing has to be registered anywhere before."""
    return bool(adapter.account_fields) and not any(each.required for each in adapter.app_fields)
