"""The bell, as pages ask for it by script, and beside what they ask for anyway (tickets/api.py)."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from rest_framework import exceptions, permissions, views
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import is_staff_of_desk
from accounts.models import User
from tickets.display.told import bell_answer
from tickets.selectors_notifications import bell


class OfTheDesk(permissions.BasePermission):
    """Whoever may open the desk at all; the selectors decide what they see of it."""

    def has_permission(self, request: Request, view: views.APIView) -> bool:  # noqa: ARG002 - its shape is given
        return is_staff_of_desk(request.user)


def bell_of(user: User) -> dict[str, Any]:
    """In the person's language."""
    with translation.override(user.language):
        return bell_answer(bell(user))


class BellNow(views.APIView):
    """GET answers what `bell_answer` says."""

    permission_classes = [OfTheDesk]

    def get(self, request: Request) -> Response:
        if not isinstance(request.user, User):  # OfTheDesk has seen to it
            raise exceptions.NotAuthenticated
        return Response(
            bell_of(request.user), headers={"Cache-Control": "private, no-store", "Vary": "Cookie"}
        )
