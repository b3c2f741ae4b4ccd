"""What `desk_run --demo` says in the terminal when the town is up: what to do first, where, and as whom."""

from __future__ import annotations

from collections.abc import Sequence

WIDE = 20


def demo_words(
    *, desk_url: str, town_url: str, site_url: str, log_ins: Sequence[str], logs: str, seconds: float
) -> str:
    """Addresses without a slash at their end; site_url: '' where the city's site is not open. log_ins: lines of user
    name, password and who that is; the first is the one to begin as."""
    name, password = log_ins[0].split()[:2]
    places = [
        ("X", f"{town_url}/timeline"),
        ("Facebook", f"{town_url}/page"),
        ("Messenger", f"{town_url}/inbox"),
        ("E-mail", f"{town_url}/mail"),
        ("Form", f"{desk_url}/f/merendam/"),
        *([("Chat", f"{site_url}/en")] if site_url else []),
        ("Telephone", f"{desk_url}/call/   (you pick up, signed in as {name})"),
    ]
    return "\n".join(
        [
            "",
            f"Up in {seconds:.0f} s. Begin here:",
            "",
            *_block(
                "1  Be a caller",
                [f"{town_url}/", "Say something in town. The desk answers there, with a date."],
            ),
            *_block(
                "2  Answer them",
                [f"{desk_url}/", f"Sign in as {name}, password {password}. Open the ticket, write, send."],
            ),
            *_block("3  See it arrive", ["Back in the town, where it was asked."]),
            "",
            *_block("Where callers are", [f"{what:<11}{where}" for what, where in places]),
            "",
            *_block("Log-ins", log_ins),
            "",
            *_block("Logs", [logs]),
            "Ctrl-C stops everything; what was said is there again at the next start.",
        ]
    )


def _block(heading: str, lines: Sequence[str]) -> list[str]:
    return [f"{heading if not at else '':<{WIDE}}{line}" for at, line in enumerate(lines)]
