"""What is new in an answer: without the mail that it quotes, and without losing a word of what was written.

Tried in this order, each on what the one before left (platforms.md 6.3): marks that the mail's own HTML gives, runs of
quoted lines with their announcement, our line *reply above this line*, the block of fields that some programs put above
an unmarked quotation, announcements alone. Where none of these finds anything two libraries are asked. Words above,
between and below quotations stay. Words of the writer often look like a quotation; so a block of fields or an
announcement counts only where something in it proves that it is of a mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from channels_social.adapters.email import quote_words as words
from channels_social.adapters.email.known import Known, is_marker, plain_subject
from channels_social.adapters.email.lines import Line, shown
from channels_social.adapters.email.quote_opinion import second_opinion

_FIELDS_WITHIN = 14


def new_words(lines: list[Line], known: Known) -> str:
    """The new words; '' where the writer wrote none."""
    if known.forwarded:
        # Whatever stands in it was sent to be read.
        return shown(lines)
    _mark_other_signs(lines, known)
    lines = list(_parted(lines, known))
    keep = [True] * len(lines)
    cut = _cut(lines, known)
    answered_below = cut is not None and (words.points_below(shown(lines[:cut])) or _coloured(lines[cut:]))
    if answered_below:
        cut = None
    if cut is not None:
        keep[cut:] = [False] * (len(lines) - cut)
        _trim_above(lines, keep, cut, known)
    found = _drop_quoted(lines, keep, known, end=len(lines) if cut is None else cut)
    if cut is None and not found and not answered_below:
        keep = _asked(lines, known)
    return shown([line for line, stays in zip(lines, keep, strict=True) if stays])


def _parted(lines: list[Line], known: Known) -> Iterator[Line]:
    """The lines, those parted that have our line glued behind other words."""
    ours = " / ".join(marker.lower() for marker in known.markers)
    for line in lines:
        at = line.text.lower().find(ours) if len(known.markers) > 1 and len(line.text) < 100_000 else -1
        before = line.text[:at].rstrip("-– ") if at > 0 else ""
        if not line.quoted and any(sign.isalnum() for sign in before):
            yield replace(line, text=before)
            yield Line(line.text[at : at + len(ours)])
            yield Line(line.text[at + len(ours) :].lstrip("-– "))
        else:
            yield line


# Runs of quoted lines


def _drop_quoted(lines: list[Line], keep: list[bool], known: Known, *, end: int) -> bool:
    """Take the quoted runs out, with what announces them; whether there was one."""
    runs = _runs(lines, end)
    if not runs:
        return False
    single = len(runs) == 1 and runs[0][1] - runs[0][0] == 1
    if single and not _introduced(lines, runs[0][0], known) and not is_marker(lines[runs[0][0]].text, known):
        # One line with an arrow before it, announced by nobody: the writer's own arrow.
        lines[runs[0][0]].quoted *= lines[runs[0][0]].sure
        return False
    for start, stop in runs:
        if not any(line.sure for line in lines[start:stop] if line.text) and not _is_quotation(
            lines, start, known
        ):
            for line in lines[start:stop]:
                line.quoted = 0
            continue
        if any(words.forward_line(line.text) for line in lines[start : start + 3]) or _strangers(
            lines, start, known
        ):
            continue
        keep[start:stop] = [False] * (stop - start)
        _trim_above(lines, keep, start, known)
    rest = [number for number in range(runs[-1][1], end) if lines[number].text.strip()]
    if len(rest) <= 8 and all(_added(lines[number].text) for number in rest):
        keep[runs[-1][1] : end] = [False] * (end - runs[-1][1])
    return True


def _added(text: str) -> bool:
    """Whether no person wrote this line."""
    return words.footer(text) or words.rule(text) or words.scanned(text)


def _strangers(lines: list[Line], start: int, known: Known) -> bool:
    """Whether a quotation is announced as of somebody whom neither we nor the mail know: then it is news."""
    above = _above(lines, start)
    if above < 0 or lines[above].quoted or "@" not in lines[above].text:
        return False
    if any(is_marker(line.text, known) for line in lines[start : start + 10]):
        return False
    first = _introduction(lines, above, known, sure=1)
    return first is not None and not known.names(" ".join(line.text for line in lines[first : above + 1]))


def _is_quotation(lines: list[Line], start: int, known: Known) -> bool:
    """Whether words that are only set apart are a mail: announced, or with its fields or our line in them."""
    if _introduced(lines, start, known):
        return True
    return any(
        words.attribution(line.text) >= 2
        or words.header_key(line.text) == "from"
        or is_marker(line.text, known)
        for line in lines[start : start + 4]
    )


def _coloured(lines: list[Line]) -> bool:
    """Whether somebody answered in a colour within the mail that is quoted first. Older ones below it may have colours
    of their own; ours have none."""
    headings = 0
    for at, line in enumerate(lines[:200]):
        headings += (
            words.header_key(line.text) == "from" and at > 0 and not words.header_key(lines[at - 1].text)
        )
        if headings > 1:
            return False
        warns = line.text.lower().startswith(("caution", "let op", "extern", "warning"))
        if line.coloured and not words.header_key(line.text) and not warns:
            return True
    return False


def _mark_other_signs(lines: list[Line], known: Known) -> None:
    """Quotations by | or : instead of >, where an announcement stands above them."""
    at, end = 0, len(lines)
    while at < end:
        sign = lines[at].text[:1]
        if sign not in ("|", ":") or lines[at].quoted:
            at += 1
            continue
        stop = at
        while stop < end and (lines[stop].text == sign or lines[stop].text.startswith(f"{sign} ")):
            stop += 1
        if stop - at >= 2 and _introduced(lines, at, known):
            for line in lines[at:stop]:
                line.text, line.quoted = line.text[2:], 1
        at = max(stop, at + 1)


def _runs(lines: list[Line], end: int) -> list[tuple[int, int]]:
    """Where quoted lines begin and end; blank lines between two of them belong to the run."""
    runs: list[tuple[int, int]] = []
    for at in range(end):
        if not lines[at].quoted:
            continue
        if runs and all(not line.text.strip() for line in lines[runs[-1][1] : at]):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _above(lines: list[Line], at: int, blanks: int = 3) -> int:
    """The line above `at` that is not blank; -1 where there is none near."""
    for number in range(at - 1, max(at - 2 - blanks, -1), -1):
        if lines[number].text.strip():
            return number
    return -1


def _introduced(lines: list[Line], at: int, known: Known) -> bool:
    above = _above(lines, at)
    return above >= 0 and not lines[above].quoted and _introduction(lines, above, known, sure=1) is not None


def _introduction(lines: list[Line], last: int, known: Known, *, sure: int) -> int | None:
    """Where the announcement begins that ends with line `last`, broken over three lines at the most."""
    if lines[last].mark == "intro":
        return last
    joined = lines[last].text.strip()
    if len(joined) > 400 or (not joined.endswith((":", ":*", ">>>")) and not words.attribution(joined)):
        return None
    named = sure == 1 and joined.endswith(":") and words.somewhen(joined) and known.names(joined)
    best = last if named or words.attribution(joined) >= sure else None
    if best is not None and (words.begins_attribution(joined) or words.dated(joined)):
        return best
    for first in range(last - 1, max(last - 3, -1), -1):
        above = lines[first]
        if not above.text.strip() or above.quoted or above.text.rstrip().endswith((".", "!", "?", ":")):
            break
        joined = f"{above.text.strip()} {joined}"
        if words.begins_attribution(joined) and words.attribution(joined) >= max(sure, 2):
            return first
    return best


def _trim_above(lines: list[Line], keep: list[bool], at: int, known: Known) -> None:
    """Drop what announces the quotation at `at`, drawn lines, and what the program added by itself."""
    above = _above(lines, at, blanks=6)
    for _ in range(4):
        if above < 0 or lines[above].quoted or not keep[above]:
            return
        text = lines[above].text
        start = _introduction(lines, above, known, sure=1)
        if start is None and (words.separator(text) or words.rule(text) or words.footer(text)):
            start = above
        if start is None:
            return
        keep[start:at] = [False] * (at - start)
        at = start
        above = _above(lines, at, blanks=6)


# Quotations that no sign marks


def _cut(lines: list[Line], known: Known) -> int | None:
    """The line from which on all is an unmarked quotation, None where there is none."""
    for at, line in enumerate(lines):
        if line.quoted:
            continue
        if line.mark == "cut" and not words.forward_line(line.text) and not _foreign(lines, at, known):
            return at
        if line.mark == "intro" and not _quoted_follows(lines, at):
            return at
        if words.separator(line.text) and _names_sender(lines, at) and not _foreign(lines, at, known):
            return at if not _quoted_follows(lines, at) else None
        begins = words.header_key(line.text) in ("from", "date", "subject", "to")
        if begins and _is_block(lines, at, known) and not _foreign(lines, at, known):
            return at
        if _at_marker(lines, at, known):
            return _fields_above(lines, at, known)
        if _glued(line.text, known):
            return at
        if words.attribution(line.text) >= 2 and not _quoted_follows(lines, at) and _proven(lines, at, known):
            start = _introduction(lines, at, known, sure=2)
            return at if start is None else start
    return None


def _fields_above(lines: list[Line], at: int, known: Known) -> int:
    """Where the fields begin, in whatever language, that stand right above our line; `at` where there are none."""
    last = _above(lines, at)
    first = last + 1
    while first > 0 and _like_field(lines[first - 1]):
        first -= 1
    found = lines[first : last + 1]
    if len(found) >= 2 and any(known.names(line.text) or words.dated(line.text) for line in found):
        return first
    return at


def _like_field(line: Line) -> bool:
    key, colon, value = line.text.strip(" *").partition(":")
    return bool(colon and value.strip(" *")) and len(key) <= 20 and len(key.split()) <= 2 and not line.quoted


def _foreign(lines: list[Line], at: int, known: Known) -> bool:
    """Whether the fields near `at` are of a mail that neither we nor anybody known wrote: pasted, and so news."""
    near = lines[at : at + _FIELDS_WITHIN]
    sender = next((line.text for line in near if words.header_key(line.text) == "from"), "")
    if "@" not in sender or known.names(sender):
        return False
    subject = next(
        (words.header_value(line.text) for line in near if words.header_key(line.text) == "subject"), ""
    )
    return not known.subject or plain_subject(subject) != known.subject


def _quoted_follows(lines: list[Line], at: int) -> bool:
    return any(line.quoted for line in [line for line in lines[at + 1 : at + 8] if line.text.strip()][:2])


def _names_sender(lines: list[Line], at: int) -> bool:
    following = [line for line in lines[at + 1 : at + 5] if line.text.strip()][:2]
    behind = lines[at].text.rstrip("-_=* ").rpartition("--")[2]
    return words.header_key(behind) == "from" or any(words.header_key(line.text) for line in following)


def _is_block(lines: list[Line], at: int, known: Known) -> bool:
    """Whether the fields that begin here are those of a mail, and not the writer's own words."""
    kinds: dict[str, str] = {}
    others = 0
    for line in lines[at : at + _FIELDS_WITHIN]:
        if not line.text.strip():
            if len(kinds) >= 3:
                break
            continue
        kind = words.header_key(line.text)
        if kind:
            kinds.setdefault(kind, words.header_value(line.text))
        else:
            others += 1
            if others > 2 or (line.quoted and not kind):
                break
    drawn = lines[at].mark in ("cut", "line")
    if "from" not in kinds or len(kinds.keys() & {"date", "to", "subject"}) < (1 if drawn else 2):
        return False
    above = _above(lines, at)
    if drawn or (above >= 0 and (words.separator(lines[above].text) or _underscores(lines[above].text))):
        return True
    if any("@" in value and "." in value for value in (kinds["from"], kinds.get("to", ""))):
        return True
    subject = plain_subject(kinds.get("subject", ""))
    return (
        words.dated(kinds.get("date", ""))
        and bool(subject)
        and (subject == known.subject or subject in known.subject or known.subject in subject)
    )


def _underscores(text: str) -> bool:
    return len(text.strip()) >= 20 and not text.strip().strip("_")


def _at_marker(lines: list[Line], at: int, known: Known) -> bool:
    """Whether our line begins here, perhaps broken over up to four lines."""
    first, joined = lines[at].text.lower(), ""
    if not any(marker.partition(" ")[0].lower() in first for marker in known.markers):
        return False
    for line in lines[at : at + 4]:
        if line.quoted or len(line.text) > 200:
            return False
        joined = f"{joined} {line.text}"
        if is_marker(joined, known):
            return True
    return False


def _glued(text: str, known: Known) -> bool:
    """Whether an announcement has the quotation right behind it, on its line."""
    if not words.begins_attribution(text) or "@" not in text:
        return False
    low = " ".join(text[:600].lower().split())
    if not any(address in low for address in known.own):
        return False
    return any(
        words.attribution(low[: at + 1]) >= 2 for at in range(len(low) - 1) if low[at : at + 2] == ": "
    )


def _proven(lines: list[Line], at: int, known: Known) -> bool:
    """Whether an announcement without signs of quotation is one: it names us, or our line follows."""
    if known.names(lines[at].text):
        return True
    following = [number for number in range(at + 1, min(at + 8, len(lines))) if lines[number].text.strip()][
        :3
    ]
    return any(_at_marker(lines, number, known) for number in following)


# Where nothing of this is found


def _asked(lines: list[Line], known: Known) -> list[bool]:
    """What the library takes for a quotation, believed where it names us."""
    at = second_opinion([line.text for line in lines])
    keep = [True] * len(lines)
    if at is None or not any(line.text.strip() for line in lines[:at]):
        return keep
    near = range(at, min(at + 12, len(lines)))
    tail = "\n".join(lines[number].text for number in near)[:3_000].lower()
    named = any(address in tail for address in known.own)
    if named or any(_at_marker(lines, number, known) for number in near):
        keep[at:] = [False] * (len(lines) - at)
        _trim_above(lines, keep, at, known)
    return keep
