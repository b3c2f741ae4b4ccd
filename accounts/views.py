"""The door: in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import database_now
from accounts.forms import SignInForm
from accounts.models import User


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; a right answer leads to where one wanted to go, a wrong one says so without saying what was wrong."""
    onward = _onward(request)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        user = form.sign_in(request, now=database_now())
        if user is not None:
            login(request, user)
            response = HttpResponseRedirect(onward)
            # For pages outside the desk (this door, 404, 503), which know no user.
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                max_age=settings.SESSION_COOKIE_AGE * 60,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
            return response
    elif isinstance(request.user, User) and request.user.is_active:
        return HttpResponseRedirect(onward)
    status = 200 if form.refusal is None else 400
    return render(request, "accounts/sign_in.html", {"form": form, "next": onward}, status=status)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return settings.LOGIN_REDIRECT_URL
