"""Signing in: by name or mail address, with our throttle in front of the password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.account.models import Login
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import throttle
from accounts.clock import database_now
from accounts.models import User


class SignInForm(LoginForm):  # type: ignore[misc]  # the library has no types
    """The library's form with our fields, our throttle and our words; what comes after the password (a second factor,
    once there is one) is the library's. `refusal` = (heading, sentence) for the page."""

    refusal: tuple[str, str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "username": forms.CharField(label=gettext_lazy("Name or mail address"), max_length=254),
            "password": forms.CharField(label=gettext_lazy("Password"), strip=False, max_length=4096),
        }

    def user_credentials(self) -> dict[str, str]:
        return {
            "username": _username_of(self.cleaned_data["username"]),
            "password": self.cleaned_data["password"],
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if self.errors:
            self.refusal = (
                _("Something is missing"),
                _("Write your name or mail address, and your password."),
            )
            return cleaned
        typed, now = self.cleaned_data["username"], database_now()
        verdict = throttle.try_begin(typed, now=now)
        if verdict.allowed:
            user = get_adapter().authenticate(self.request, **self.user_credentials())
            if isinstance(user, User) and user.is_active:
                throttle.try_succeeded(typed)
                self.user, self._login = user, Login(user=user)
                return cleaned
        self.refusal = _refusal(verdict, now=now)
        raise ValidationError(self.refusal[1])


def _username_of(typed: str) -> str:
    """The user name that was meant: as typed, else in another case or behind a mail address, where exactly one user has
    it."""
    typed = typed.strip()
    found = list(
        User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).values_list(
            "username", flat=True
        )[:3]
    )
    if typed in found or len(found) != 1:
        return typed
    return found[0]


def _refusal(verdict: throttle.Verdict, *, now: datetime) -> tuple[str, str]:
    minutes = int(throttle.WAIT.total_seconds() // 60)
    if not verdict.allowed or verdict.left == 0:
        until = verdict.until or now + throttle.WAIT
        wait = max(1, -(-int((until - now).total_seconds()) // 60))
        return (
            _("Wait before you try again"),
            ngettext(
                "Name or password was not right %(most)d times. You can try again in %(wait)d minute.",
                "Name or password was not right %(most)d times. You can try again in %(wait)d minutes.",
                wait,
            )
            % {"wait": wait, "most": throttle.MOST},
        )
    return (
        _("That didn’t match"),
        ngettext(
            "Name or password is not right. After %(left)d more try you have to wait %(minutes)d minutes.",
            "Name or password is not right. After %(left)d more tries you have to wait %(minutes)d minutes.",
            verdict.left,
        )
        % {"left": verdict.left, "minutes": minutes},
    )
