"""How django-allauth behaves in this house: who comes in, where to, and what it says (nothing: our pages say it)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.services.organisation import first_run_open


class DeskAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Our rules in place of the library's ready ones."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """People are invited; nobody signs up."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """The door answers with pages alone: a JSON answer would hold the form with what was typed."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Of this host and scheme alone; the library would also follow every name in ALLOWED_HOSTS."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the desk, or for an administrator whose first run is not over, to where they left it."""
        user = request.user
        if isinstance(user, User) and user.is_admin and first_run_open():
            return settings.FIRST_RUN_URL
        return settings.LOGIN_REDIRECT_URL

    def get_logout_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return str(settings.LOGOUT_REDIRECT_URL)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Who has come in sees it by where they are."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The desk sends no mail of its own before it has a mail channel."""

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> Any:
        response = super().post_login(request, user, **kwargs)
        if isinstance(user, User):
            language_remember(response, user)
        return response


def language_remember(response: Any, user: User) -> None:
    """For pages outside the desk (the door, 404, 503), which know no user."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.SESSION_COOKIE_AGE * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
