"""The door: in and out."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms import SignInForm
from accounts.services.organisation import organisation_name


@method_decorator([login_not_required, never_cache], name="dispatch")
class SignIn(LoginView):  # type: ignore[misc]  # the library has no types
    """The form; a right answer leads to where one wanted to go, a wrong one says so without saying what was wrong.

    django-allauth's view with our form and page: what may come between the password and the desk (a second factor,
    somebody else's sign-in service) finds its place there.
    """

    http_method_names = ["get", "head", "post"]
    template_name = "accounts/sign_in.html"

    def get_form_class(self) -> type[Form]:
        return SignInForm

    def form_invalid(self, form: Form) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=400)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            # '' where it is only the usual way in: what was asked for by name is where one comes back to.
            "next": self.get_success_url() or "",
            "organisation": organisation_name(),
        }


sign_in = SignIn.as_view()


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
