"""The parts in their order, then what they found goes to docs/bench."""

from __future__ import annotations

from pathlib import Path

from bench import forms, intake, live, mails, pages, preview, profiles, reply, report, search, sweep


def say(line: str) -> None:
    print(line, flush=True)


def run(parts: set[str], *, folder: Path, out: Path | None, quick: bool) -> int:
    """0 where every ratio that was measured holds, else 1. `out` None: only printed."""
    took: intake.Outcome | None = None
    paced: list[reply.Paced] = []
    if "reply" in parts:
        say("reply: from webhook to reply, beside the floor")
        paced = reply.run(folder, number=60 if quick else 300, rounds=2 if quick else 5, say=say)
    if "intake" in parts:
        took = intake.run(
            messages=400 if quick else 2_000,
            rounds=2 if quick else 5,
            sizes=(1_000, 10_000) if quick else (1_000, 100_000),
            say=say,
        )
    held = True
    if "sweep" in parts:
        say("sweep: what is due, beside raw psycopg2")
        size = 100_000 if quick else sweep.MANY
        swept = sweep.run(rounds=3 if quick else 7, many=size, tickets=600 if quick else 2_000, say=say)
        held = swept.holds
        say("\n" + sweep.table(swept))
        if out is not None:
            sweep.write(out, swept, report.machine())
    if "search" in parts:
        say("search: the page beside an empty one, both forms of its statement")
        looked = search.run(messages=60_000 if quick else 300_000, rounds=2 if quick else 5, say=say)
        held = held and looked.holds
        say("\n" + search.table(looked))
        if out is not None:
            search.write(out, looked, report.machine())
    if "pages" in parts:
        say("pages: the queue and a ticket beside an empty page, with few tickets and with many")
        asked = pages.run(quick=quick, rounds=2 if quick else 5, say=say)
        held = held and asked.holds
        say("\n" + pages.table(asked))
        if out is not None:
            pages.write(out, asked, report.machine())
    if "preview" in parts:
        say("preview: a draft over the open tickets, beside reading the same facts")
        size = 10_000 if quick else 100_000
        foreseen = preview.run(tickets=size, rounds=1 if quick else 3, say=say)
        held = held and foreseen.holds
        say("\n" + preview.table(foreseen))
        if out is not None:
            preview.write(out, foreseen, report.machine())
    if "mails" in parts:
        say("mails: mail in, beside another desk and beside reading alone")
        taken = mails.run(
            mails=200 if quick else 1_000,
            rounds=1 if quick else 3,
            many=20_000 if quick else 1_000_000,
            say=say,
        )
        held = held and taken.holds
        say("\n" + mails.table(taken))
        if out is not None:
            mails.write(out, taken, report.machine())
    if "form" in parts:
        say("form: a form's post beside a view that inserts its raw row")
        filled = forms.run(folder, number=100 if quick else 400, rounds=2 if quick else 5, say=say)
        held = held and filled.holds
        say("\n" + forms.table(filled))
        if out is not None:
            forms.write(out, filled, report.machine())
    if "live" in parts:
        say("live: from a commit to the open pages, beside a bare echo server")
        heard = live.run(folder, seconds=6 if quick else 30, rounds=1 if quick else 3, say=say)
        held = held and heard.holds
        say("\n" + live.table(heard))
        if out is not None:
            live.write(out, heard, report.machine())
    if "profile" in parts:
        profiles.run(folder, messages=200 if quick else 1_000, replies=20 if quick else 100, out=out, say=say)
    if took is None and not paced:
        return 0 if held else 1
    say("\n" + report.table(took, paced))
    if out is not None:
        report.write(out, took, paced)
    return 0 if held and all(bar.holds for bar in report.bars_of(took, paced)) else 1
