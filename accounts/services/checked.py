"""What people type about a person or a team, looked at: each gives the clean value or raises Refused."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from accounts.zones import is_zone

NAME_MOST = 80
USERNAME_MOST = 150
TEAM_MOST = 80


def one_line(typed: str) -> str:
    """Without control characters, its blanks made single."""
    return " ".join("".join(char if char.isprintable() else " " for char in typed).split())


def name_checked(typed: str) -> str:
    name = one_line(typed)
    if not name:
        raise Refused("name", _("Write the name that colleagues know this person by."))
    if len(name) > NAME_MOST:
        raise Refused("name", _("This name is too long: %(most)d characters at most.") % {"most": NAME_MOST})
    return name


def username_checked(typed: str, *, besides: int | None = None) -> str:
    """`besides`: the user whose own name it may be. Case does not tell two people apart."""
    name = typed.strip()
    if not name:
        raise Refused("username", _("Choose a name to sign in with."))
    try:
        User.username_validator(name)
    except ValidationError:
        raise Refused(
            "username", _("The name to sign in with has letters, digits and @ . + - _ only.")
        ) from None
    if len(name) > USERNAME_MOST:
        raise Refused("username", _("This name is too long."))
    taken = User.objects.filter(username__iexact=name)
    if (taken if besides is None else taken.exclude(pk=besides)).exists():
        raise Refused("username", _("Somebody signs in with this name already. Choose another one."))
    return name


def email_checked(typed: str, *, besides: int | None = None) -> str:
    """May be empty. One that another person has would make signing in by it impossible for both."""
    address = typed.strip()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            "email", _("This is no mail address. Leave it empty, or write one like name@example.org.")
        ) from None
    taken = User.objects.filter(email__iexact=address)
    if (taken if besides is None else taken.exclude(pk=besides)).exists():
        raise Refused("email", _("Somebody else here has this mail address."))
    return address


def language_checked(typed: str) -> str:
    if typed not in dict(settings.LANGUAGES):
        raise Refused("language", _("Choose one of the languages in the list."))
    return typed


def zone_checked(typed: str) -> str:
    if not is_zone(typed):
        raise Refused("zone", _("There is no such time zone. Write one like Europe/Amsterdam."))
    return typed


def password_checked(typed: str, again: str, *, user: User) -> str:
    """Django's validators, which may compare it with the person's own names."""
    if not typed:
        raise Refused("password", _("Choose a password."))
    if typed != again:
        raise Refused("again", _("The two are not the same. Write the password twice."))
    if "\0" in typed:
        raise Refused("password", _("A password can't hold this character. Choose another one."))
    try:
        validate_password(typed, user)
    except ValidationError as error:
        raise Refused("password", " ".join(error.messages)) from None
    return typed
