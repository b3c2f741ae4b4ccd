"""Merendam, a make-believe city: its people, and where its desk answers on each network."""

from __future__ import annotations

from sandbox.facebook.world import Facebook
from sandbox.world import World

# (handle, name, language)
PEOPLE = [
    ("anoukdewit", "Anouk de Wit", "en"),
    ("jeroenvos", "Jeroen Vos", "nl"),
    ("bram_in_md", "Bram", "en"),
    ("marleenk", "Marleen Kuipers", "nl"),
    ("keesbos", "Kees Bos", "nl"),
    ("samira_ea", "Samira El Amrani", "en"),
    ("gerdasmit", "Gerda Smit", "nl"),
    ("wimgroen", "Wim Groen", "nl"),
    ("willemijndg", "Willemijn de Graaf", "nl"),
    ("robteunissen", "Rob Teunissen", "en"),
    ("fatimahaddad", "Fatima Haddad", "en"),
    ("aylindemir", "Aylin Demir", "nl"),
    ("liamoc", "Liam O'Connor", "en"),
    ("fietsers_md", "Fietsersbond Merendam", "nl"),
]
DESKS = [
    ("MerendamHelpt", "Gemeente Merendam", "nl"),
    ("MerendamTrams", "Trams of Merendam", "en"),
    ("MerendamBieb", "Bibliotheek Merendam", "nl"),
]
# (handle, name, language, what the Page has written itself)
PAGES = [
    ("gemeentemerendam", "Merendam", "nl", "Vanaf vandaag staat de ijsbaan weer op het Marktplein. Tot zo!"),
]


def settle_facebook(world: Facebook) -> None:
    """Where nobody lives yet: an app, the desk's Page with a post of its own, the same people."""
    with world.lock:
        if world.apps:
            return
        app = world.create_app("Merendam desk")
        for username, name, lang, said in PAGES:
            page = world.create_page(username, name, lang, app)
            world.publish(page.id, page, said)
        for username, name, lang in PEOPLE:
            world.create_person(username, name, lang)


def settle(world: World) -> None:
    """Where nobody lives yet: an app with random secrets, the desk's accounts, the people."""
    with world.lock:
        if world.apps:
            return
        app = world.create_app("Merendam desk")
        for username, name, lang in DESKS:
            world.create_account(world.create_user(username, name, lang, desk=True), app)
        for username, name, lang in PEOPLE:
            world.create_user(username, name, lang)
