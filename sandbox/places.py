"""Where one can be a caller of the desk, for the line on top of every page of the town, and for the start page."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.network import Network

#: As the demo's form is called at the desk.
FORM = "merendam"


@dataclass(frozen=True)
class Place:
    """`icon`: a symbol of static/icons.svg."""

    address: str
    icon: str
    name: str


def places(network: Network) -> list[Place]:
    """Those that are open; form and telephone are the desk's own pages, the chat stands on the city's site."""
    found = [
        Place("/timeline", "x", "X"),
        Place("/page", "facebook", "The Page"),
        Place("/inbox", "chat", "Messenger"),
        Place("/mail", "mail", "E-mail"),
    ]
    if network.desk_url:
        found.append(Place(form_address(network), "form", "Form"))
    if network.site_url:
        found.append(Place(f"{network.site_url}/en", "chat", "Chat"))
    if network.desk_url:
        found.append(Place(call_address(network), "phone", "Telephone"))
    return found


def form_address(network: Network) -> str:
    return f"{network.desk_url}/f/{FORM}/"


def call_address(network: Network) -> str:
    """Where somebody of the desk notes what a caller says."""
    return f"{network.desk_url}/call/"
