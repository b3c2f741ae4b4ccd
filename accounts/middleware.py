"""Closed unless a view says otherwise; whoever has to sign in first comes back to where they were."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


class SignInFirst(LoginRequiredMiddleware):
    """Django's rule, with a better way back: a form that met an expired log-in leads to the page that holds it, not to
    the address it was sent to, which answers no GET."""

    def handle_no_permission(self, request: HttpRequest, view_func: object) -> HttpResponseRedirect:  # noqa: ARG002
        return to_sign_in(request)


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """302 to the door, with the way back."""
    return redirect_to_login(way_back(request), settings.LOGIN_URL)


def way_back(request: HttpRequest) -> str:
    """The address of the page that one was at. For a GET it is this one; else the page that the browser says it came
    from, if that is ours."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return settings.LOGIN_REDIRECT_URL
    parts = urlsplit(came_from)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
