"""Which channels there are: every module or package below `channels_social.adapters`, found by looking.

A channel is named nowhere else. What is wrong with one is said when the process starts, in words that name
the file and what to change.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, ModuleType

from channels_social.adapter import Channel
from tickets.contract import Capabilities, FileRules

HOME = "channels_social.adapters"


class BadChannel(Exception):
    """A file among the adapters that is not a channel as the contract asks; the words say what to change."""


class UnknownChannel(LookupError):
    """No adapter of this name."""


_packages: list[str] = [HOME]
_known: Mapping[str, type[Channel]] | None = None


def channels() -> Mapping[str, type[Channel]]:
    """All channels by slug. Read once per process; raises BadChannel."""
    global _known
    if _known is None:
        found: dict[str, type[Channel]] = {}
        for package in _packages:
            for slug, kind in discover(package).items():
                if slug in found:
                    raise BadChannel(
                        f"{kind.__module__}: the slug {slug!r} is taken by {found[slug].__module__}"
                    )
                found[slug] = kind
        _known = MappingProxyType(found)
    return _known


def channel(slug: str) -> type[Channel]:
    """The channel of this slug; raises UnknownChannel naming those that exist."""
    try:
        return channels()[slug]
    except KeyError:
        known = ", ".join(sorted(channels())) or "none"
        raise UnknownChannel(f"there is no channel {slug!r}; there are: {known}") from None


def warm() -> None:
    """Have every channel import what it uses, before the first message waits for it."""
    for kind in channels().values():
        kind.warm()


@contextmanager
def also(package: str) -> Iterator[None]:
    """The channels of one more package, for as long as the block runs (tests of a channel that lives
    elsewhere)."""
    global _known
    _packages.append(package)
    _known = None
    try:
        yield
    finally:
        _packages.remove(package)
        _known = None


def discover(package: str) -> dict[str, type[Channel]]:
    """The channels of one package, by slug. Names that begin with _ are helpers. Raises BadChannel."""
    home = importlib.import_module(package)
    if not hasattr(home, "__path__"):
        raise BadChannel(f"{package} is a module; channels are looked for in a package")
    found = {}
    for info in sorted(pkgutil.iter_modules(home.__path__), key=lambda one: one.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        kind = _only_channel(module)
        check(kind, info.name)
        found[kind.slug] = kind
    return found


def _only_channel(module: ModuleType) -> type[Channel]:
    inside = {
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Channel)
        and (value.__module__ == module.__name__ or value.__module__.startswith(f"{module.__name__}."))
    }
    concrete = sorted(
        (kind for kind in inside if not inspect.isabstract(kind)),
        key=lambda kind: kind.__name__,
    )
    if len(concrete) == 1:
        return concrete[0]
    if concrete:
        names = ", ".join(kind.__name__ for kind in concrete)
        raise BadChannel(f"{module.__name__} holds {len(concrete)} channels ({names}); one file holds one")
    for kind in inside:
        missing = ", ".join(sorted(kind.__abstractmethods__))
        raise BadChannel(f"{module.__name__}: {kind.__name__} must still define {missing}")
    raise BadChannel(
        f"{module.__name__} holds no subclass of Channel; import it in the package's __init__, "
        "or begin the file's name with _ if it is a helper"
    )


def check(kind: type[Channel], file_name: str) -> None:
    """Raise BadChannel where the class contradicts its file's name, or its capabilities its methods."""
    for wrong in _faults(kind, file_name):
        raise BadChannel(f"{kind.__module__}: {wrong}")


def _faults(kind: type[Channel], file_name: str) -> Iterator[str]:
    slug = getattr(kind, "slug", None)
    if slug != file_name:
        yield f"slug is {slug!r}, but the file is called {file_name!r}; make them the same"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", file_name):
        yield "a slug is 1 to 32 of a-z, 0-9 and _, and begins with a letter"
    if not getattr(kind, "label", ""):
        yield "label is missing: the channel's name as people know it"
    capabilities = getattr(kind, "capabilities", None)
    if not isinstance(capabilities, Capabilities):
        yield "capabilities is missing: a tickets.contract.Capabilities"
        return
    yield from _capability_faults(kind, capabilities)
    yield from _connecting_faults(kind)
    names = [field.name for field in (*kind.app_fields, *kind.account_fields)]
    if len(names) != len(set(names)):
        yield f"two fields of its forms have the same name: {', '.join(sorted(names))}"


def _connecting_faults(kind: type[Channel]) -> Iterator[str]:
    unknown = set(kind.sign_in_fields) - {field.name for field in kind.app_fields}
    if unknown:
        yield f"sign_in_fields names {', '.join(sorted(unknown))}, but app_fields has no such field"
    for method in ("connect_begin", "connect_finish"):
        defined = _function(kind, method) is not _function(Channel, method)
        if defined != bool(kind.sign_in_fields):
            yield f"sign_in_fields and {method}() go together: state both, or neither"
    if (_function(kind, "try_out") is not _function(Channel, "try_out")) != bool(kind.try_out_words("en")):
        yield "try_out() and try_out_words() go together: define both, or neither"


def _capability_faults(kind: type[Channel], capabilities: Capabilities) -> Iterator[str]:
    if capabilities.manner not in {"short", "conversational", "letter"}:
        yield f"manner is {capabilities.manner!r}; it is short, conversational or letter"
    if not (capabilities.public or capabilities.private):
        yield "neither public nor private: then nothing can be said on it"
    if capabilities.private_reply and not (capabilities.public and capabilities.private):
        yield "private_reply needs both public and private"
    if capabilities.max_length is not None and capabilities.max_length < 1:
        yield f"max_length is {capabilities.max_length}; None means no limit"
    if capabilities.max_length_private is not None and not capabilities.private:
        yield "max_length_private needs private"
    if capabilities.max_length_private is not None and capabilities.max_length_private < 1:
        yield f"max_length_private is {capabilities.max_length_private}; None means that it is max_length"
    if capabilities.person_window is not None and (
        capabilities.reply_window is None or capabilities.person_window < capabilities.reply_window
    ):
        yield "person_window is how long a person may write; it is not shorter than reply_window, and needs one"
    if capabilities.look_up_batch < 1:
        yield "look_up_batch is less than 1"
    comes_in = capabilities.webhooks or capabilities.polling or capabilities.listening
    if not (comes_in or capabilities.spoken or capabilities.own_page):
        yield "no webhooks, polling or listening, no own_page, nor spoken: then nothing can come in"
    if capabilities.acknowledged and (
        capabilities.splits or (capabilities.files_private or FileRules(0, 0)).apart
    ):
        yield "acknowledged: what one message says goes in one part, so that it is there or it is not; splits is no"
    if capabilities.acknowledged and capabilities.find_sent_after is None:
        yield "acknowledged: what lies ready can be looked for; state find_sent_after"
    if comes_in and capabilities.spoken:
        yield "spoken: people note what was said to them, so nothing comes in by webhooks, polling or listening"
    promised = {
        "poll": (capabilities.polling, "polling"),
        "look_up": (capabilities.look_up_within is not None, "look_up_within"),
        "find_sent": (capabilities.find_sent_after is not None, "find_sent_after"),
        "listen": (capabilities.listening, "listening"),
        "split_text": (capabilities.splits, "splits"),
        "pages": (capabilities.own_page, "own_page"),
        "acknowledged_at": (capabilities.acknowledged, "acknowledged"),
        "take_back": (capabilities.acknowledged, "acknowledged"),
    }
    for method, (claimed, name) in promised.items():
        defined = _function(kind, method) is not _function(Channel, method)
        if claimed and not defined:
            yield f"capabilities say {name}, but {method}() is not defined"
        if defined and not claimed:
            yield f"{method}() is defined, but capabilities say no {name}: nothing would call it"


def _function(kind: type, name: str) -> Callable[..., object]:
    found = getattr(kind, name)
    return getattr(found, "__func__", found)  # type: ignore[no-any-return]
