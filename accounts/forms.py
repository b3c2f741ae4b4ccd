"""Signing in: by name or mail address, with the throttle in front of the password."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import throttle
from accounts.models import User


class SignInForm(forms.Form):
    """`sign_in` gives the user, or None with `refusal` = (heading, sentence) for the page."""

    username = forms.CharField(label=gettext_lazy("Name or mail address"), max_length=254)
    password = forms.CharField(label=gettext_lazy("Password"), strip=False, max_length=4096)

    refusal: tuple[str, str] | None = None

    def sign_in(self, request: HttpRequest, *, now: datetime) -> User | None:
        if not self.is_valid():
            self.refusal = (
                _("Something is missing"),
                _("Write your name or mail address, and your password."),
            )
            return None
        typed = self.cleaned_data["username"]
        verdict = throttle.try_begin(typed, now=now)
        if verdict.allowed:
            user = authenticate(
                request,
                username=_username_of(typed),
                password=self.cleaned_data["password"],
            )
            if isinstance(user, User):
                throttle.try_succeeded(typed)
                return user
        self.refusal = _refusal(verdict, now=now)
        return None


def _username_of(typed: str) -> str:
    """The user name behind a mail address that exactly one user has, else what was typed."""
    names = list(User.objects.filter(email__iexact=typed.strip()).values_list("username", flat=True)[:2])
    return names[0] if len(names) == 1 else typed.strip()


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
