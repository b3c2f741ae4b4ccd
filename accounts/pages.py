"""What every page of the desk shares: somebody signed in, read in their language and zone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache

from accounts.access import is_staff_of_desk
from accounts.middleware import to_sign_in
from accounts.models import User

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request whose user has signed in."""

    user: User


DeskView: TypeAlias = Callable[Concatenate[DeskRequest, P], HttpResponseBase]


def desk_page(view: DeskView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A view for those who have signed in; anybody else is sent to sign in, before anything is looked up.

    So an address of what exists and one of what does not answer alike. A page is never kept by a cache: what one
    person may see is not the next one's.
    """

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or not is_staff_of_desk(user):
            return to_sign_in(request)
        translation.activate(user.language)
        timezone.activate(ZoneInfo(user.zone))
        desk_request: DeskRequest = request  # type: ignore[assignment]
        try:
            return view(desk_request, *args, **kwargs)
        finally:
            # The next request on this thread may be a stranger's; LocaleMiddleware sets the language anew by itself.
            timezone.deactivate()

    return page
