"""What a manager reads when connecting does not work, and of how updates reach us. The adapter's words come first."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_social.adapter import Channel, ConnectFailed

#: Code: sentences, with the network's name where they name it.
_FAILED: Mapping[str, LazyText] = {
    "denied": gettext_lazy(
        "You did not allow it at %(network)s, so nothing was connected. If that was not meant, begin again and press "
        "“Allow” there."
    ),
    "no_answer": gettext_lazy("%(network)s did not answer. Nothing was connected. Try again in a minute."),
    "keys_missing": gettext_lazy("A key is missing. Fill in all of them."),
    "keys_refused": gettext_lazy(
        "%(network)s does not take these keys. Copy them once more from its developer pages, without spaces around "
        "them."
    ),
    "app_secret": gettext_lazy(
        "%(network)s refuses the secret of our registration. Give the desk the present one, then begin again."
    ),
    "no_client": gettext_lazy("Our registration is not complete. Fill in what is missing, then begin again."),
    "nothing_found": gettext_lazy("%(network)s named no account of yours. Nothing was connected."),
    "refused": gettext_lazy("%(network)s refused. Nothing was connected. Begin again."),
}

#: Why an account is polled alone, or what is left to do where we left it.
_STATES: Mapping[str, LazyText] = {
    "by_hand": gettext_lazy(
        "%(network)s is told our webhook’s address by hand, in its own settings; the desk cannot see whether it was."
    ),
    "revoke_by_hand": gettext_lazy(
        "Take our permission away at %(network)s, too: it cannot be done from here."
    ),
}


def failed_words(adapter: type[Channel], failed: ConnectFailed, language: str) -> str:
    """What happened, what to do, and the network's own words behind it."""
    network = {"network": adapter.label}
    ours = str(_FAILED.get(failed.code, _FAILED["refused"])) % network
    words = adapter.rule_words(failed.code, language) or ours
    if failed.words:
        words = _("%(words)s (%(said)s)") % {"words": words, "said": failed.words}
    return words


def state_words(adapter: type[Channel], code: str, language: str) -> str:
    """Words for a code of `subscribe` or `leave`; '' where neither the adapter nor the desk has any."""
    ours = _STATES.get(code)
    return adapter.rule_words(code, language) or (
        str(ours) % {"network": adapter.label} if ours is not None else ""
    )


def permission_words(adapter: type[Channel], name: str, language: str) -> str:
    """What does not work without this permission."""
    return adapter.rule_words(f"permission.{name}", language)
