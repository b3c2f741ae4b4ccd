# ruff: noqa: E501  (a mail is easier to read on one line)
"""What is new in an answer, of programs and habits that the corpus does not hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels_social.adapters.email.reading import Desk, Mail, mail_read

DESK = Desk(frozenset({"desk@haverdam.example", "info@haverdam.example"}), ("secret",))
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
HEAD = (
    "From: Anna de Vries <anna@post.example>\r\nTo: Gemeente Haverdam <desk@haverdam.example>\r\n"
    "Subject: Re: Losse tegel\r\nIn-Reply-To: <before@haverdam.example>\r\nMessage-ID: <this@post.example>\r\n"
    "MIME-Version: 1.0\r\n"
)
MARK = "-- Antwoord boven deze regel / Reply above this line --"


def read(body: str, kind: str = "text/plain") -> Mail:
    head = f"{HEAD}Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return mail_read((head + body).encode(), DESK, received_at=NOW)


def words(text: str) -> str:
    return " ".join(text.split())


PLAIN = {
    "gmail en, broken": (
        "Thanks, that works.\n\nOn Mon, Nov 23, 2026 at 9:14 AM Gemeente Haverdam <desk@haverdam.example>\nwrote:\n\n> Dear\n> Anna",
        "Thanks, that works.",
    ),
    "gmail en, address broken": (
        "Thanks.\n\nOn Mon, Nov 23, 2026 at 9:14 AM Gemeente Haverdam <\ndesk@haverdam.example> wrote:\n\n> Dear Anna",
        "Thanks.",
    ),
    "outlook en, long to": (
        "Fine by me.\n\nAnna\n\nFrom: Gemeente Haverdam <desk@haverdam.example>\nSent: 23 November 2026 10:33\n"
        "To: Anna de Vries <anna@post.example>; Bob\n <bob@post.example>\nCc: Info <info@haverdam.example>\n"
        "Subject: [7KQ2-M3XA] Losse tegel\n\nWe received it.\nThe desk",
        "Fine by me. Anna",
    ),
    "outlook de": (
        "Gut.\n\nVon: Gemeente Haverdam <desk@haverdam.example>\nGesendet: Montag, 23. November 2026 10:33\n"
        "An: Anna\nBetreff: Losse tegel\n\nHallo",
        "Gut.",
    ),
    "outlook fr": (
        "D'accord.\n\nDe : Gemeente Haverdam <desk@haverdam.example>\nEnvoyé : lundi 23 novembre 2026 10:33\n"
        "À : Anna\nObjet : Losse tegel\n\nBonjour",
        "D'accord.",
    ),
    "web.de begins with the date": (
        "Passt.\n\nGesendet: Montag, 23. November 2026 um 09:14 Uhr\nVon: \"Gemeente\" <desk@haverdam.example>\n"
        "An: anna@post.example\nBetreff: Losse tegel\n\nHallo",
        "Passt.",
    ),
    "t-online": (
        "Passt.\n\n-----Original-Nachricht-----\nBetreff: Losse tegel\nDatum: 2026-11-23T09:14:00+0100\n"
        "Von: \"Gemeente\" <desk@haverdam.example>\nAn: anna@post.example\n\nHallo",
        "Passt.",
    ),
    "notes, old": (
        'Prima.\n\n-----"Gemeente Haverdam" <desk@haverdam.example> wrote: -----\nTo: anna@post.example\n'
        "From: Gemeente Haverdam <desk@haverdam.example>\nDate: 11/23/2026 09:14AM\nSubject: Losse tegel\n\nHallo",
        "Prima.",
    ),
    "outlook mobile with a link": (
        "Prima.\n\nOutlook voor iOS<https://aka.invalid/o0ukef> downloaden\n________________________________\n"
        "Van: Gemeente Haverdam <desk@haverdam.example>\nVerzonden: maandag 23 november 2026 10:33\nAan: Anna\n"
        "Onderwerp: Losse tegel\n\nHallo",
        "Prima.",
    ),
    "yahoo android, glued": (
        "Prima.\n\nSent from Yahoo Mail on Android \n \n  On Tue, 17 Nov 2026 at 13:27, Gemeente "
        "Haverdam<desk@haverdam.example> wrote:   Hallo Anna, wij komen.",
        "Prima.",
    ),
    "yahoo, no marker": (
        "Prima.\n\n    Op dinsdag 17 november 2026 13:27:10 CET schreef Gemeente Haverdam <desk@haverdam.example>:\n\n"
        " Hallo Anna,\nWij komen morgen.",
        "Prima.",
    ),
    "proton, its own dashes": (
        "Fine.\n\n‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, November 23rd, 2026 at 9:14 AM, Gemeente Haverdam "
        "<desk@haverdam.example> wrote:\n\n> Dear Anna,\n> hello",
        "Fine.",
    ),
    "em client nl": (
        "Prima.\n\n------ Origineel bericht ------\nVan: \"Gemeente Haverdam\" <desk@haverdam.example>\nAan: anna@post.example\n"
        "Verzonden: 23-11-2026 10:33:10\nOnderwerp: Losse tegel\n\nHallo",
        "Prima.",
    ),
    "attribution without a colon": (
        "Prima.\n\nOp 23 nov. 2026 om 09:14 schreef Gemeente Haverdam <desk@haverdam.example>\n\n> Hallo\n> Anna",
        "Prima.",
    ),
    "name first": (
        "Prima.\n\nGemeente Haverdam <desk@haverdam.example> schreef op ma 23 nov. 2026 om 09:14:\n> Hallo\n> Anna",
        "Prima.",
    ),
    "iphone, no arrows": (
        "Prima\n\nVerstuurd vanaf mijn iPhone\n\nOp 20 nov. 2026 om 07:53 heeft Gemeente Haverdam "
        "<desk@haverdam.example> het volgende geschreven:\n\nHallo Anna,\nwij komen.",
        "Prima",
    ),
    "answers between": (
        "On 20 Nov 2026 at 07:53 Gemeente Haverdam wrote:\n> How many?\n\nThree.\n\n> When?\n\nFriday.",
        "Three. Friday.",
    ),
    "french attribution": (
        "Merci.\n\nLe lun. 23 nov. 2026 à 09:14, Gemeente Haverdam <desk@haverdam.example> a écrit :\n\n> Bonjour\n> Anna",
        "Merci.",
    ),
    "a language known to a library alone": (
        "Dziękuję.\n\nW dniu pon., 23 lis 2026 o 09:14 Gemeente Haverdam <desk@haverdam.example> napisał(a):\n\nDzień dobry",
        "Dziękuję.",
    ),
    "an own arrow": ("Look at this:\n> 40 minutes I waited\nIs that right?", "Look at this: > 40 minutes I waited Is that right?"),
    "an own rule": ("Eerst dit.\n-----\nDan dat.\n_____\nEn dit.", "Eerst dit. ----- Dan dat. _____ En dit."),
    "own fields": (
        "De rit:\nVan: Haverdam\nNaar: Utrecht\nDatum: 16 november 2026 14:05\nPrijs: 12 euro\n\nGraag terug.",
        "De rit: Van: Haverdam Naar: Utrecht Datum: 16 november 2026 14:05 Prijs: 12 euro Graag terug.",
    ),
    "own words about a letter": (
        "Op 12 oktober 2026 schreef mijn buurman mij:\n\nik haal hem weg.\n\nDat deed hij niet.",
        "Op 12 oktober 2026 schreef mijn buurman mij: ik haal hem weg. Dat deed hij niet.",
    ),
    "answers said to stand below": (
        "Zie mijn antwoorden hieronder in rood.\n\nVan: Gemeente Haverdam <desk@haverdam.example>\nVerzonden: maandag 23 november 2026 10:33\n"
        "Aan: Anna\nOnderwerp: Losse tegel\n\nHoe breed? 40 cm\n",
        None,
    ),
    "nothing new": ("> Hallo\n> Anna", "> Hallo > Anna"),
    "marker alone above": (f"Prima.\n\n{MARK}\nHallo Anna", "Prima."),
    "fields in a language that nobody told us": (
        f"Kiitos.\n\nLähettäjä: Gemeente Haverdam <desk@haverdam.example>\nLähetetty: maanantai 23. marraskuuta 2026 10.33\n"
        f"Vastaanottaja: Anna\nAihe: Losse tegel\n\n{MARK}\nHei Anna",
        "Kiitos.",
    ),
    "own fields above our line": (f"Mijn gegevens:\nNaam: Anna\nHuis: 14\n\n{MARK}\nHallo", "Mijn gegevens: Naam: Anna Huis: 14"),
    "marker in one language": ("Prima.\n\n-- Reply above this line --\nHallo Anna", "Prima."),
    "another desk's marker": (
        "##- Please type your reply above this line -##\n\nYour request was received.",
        "##- Please type your reply above this line -## Your request was received.",
    ),
    "marker behind words": (f"Prima, doe maar. {MARK} Hallo Anna, wij komen.", "Prima, doe maar."),
    "a stranger's mail pasted": (
        "Dit kreeg ik van de aannemer:\n\nVan: Bob <bob@bouw.example>\nVerzonden: maandag 23 november 2026 10:33\nAan: Anna\n"
        "Onderwerp: offerte\n\nHet wordt 500 euro.",
        None,
    ),
    "a stranger's mail quoted": (
        "Dit kreeg ik:\n\nOn 20 Nov 2026 at 07:53 Bob <bob@bouw.example> wrote:\n> Het wordt 500 euro.\n> Bob",
        None,
    ),
    "own words before a quotation": (
        "De afspraak van 10:30 klopt niet, want dit schreef u:\n\n> Tot morgen om elf uur.\n> Team\n\nElf uur dus?",
        "De afspraak van 10:30 klopt niet, want dit schreef u: Elf uur dus?",
    ),
    "nextcloud": ('Prima.\n\n"Gemeente Haverdam" <desk@haverdam.example> – 23 november 2026 09:14\n> Hallo\n> Anna', "Prima."),
    "name and time alone": ("Prima.\n\n23 november 2026 09:14, Gemeente Haverdam:\n> Hallo\n> Anna", "Prima."),
    "both sides": ("Boven.\n\nOn 20 Nov 2026 at 07:53 Gemeente Haverdam wrote:\n> Hallo\n> Anna\n\nOnder.", "Boven. Onder."),
    "in your mail": (
        "In uw mail van maandag staat dat het in het groen komt, zie de foto hieronder.\n\nVan: Gemeente Haverdam <desk@haverdam.example>\n"
        "Verzonden: maandag 23 november 2026 10:33\nAan: Anna\nOnderwerp: Losse tegel\n\nHallo",
        "In uw mail van maandag staat dat het in het groen komt, zie de foto hieronder.",
    ),
    "see below alone": (
        "Zie hieronder.\n\nVan: Gemeente Haverdam <desk@haverdam.example>\nVerzonden: maandag 23 november 2026 10:33\nAan: Anna\n"
        "Onderwerp: Losse tegel\n\nHoe breed? 40 cm",
        None,
    ),
    "footers below the quotation": (
        "Prima.\n\nOn 20 Nov 2026 at 07:53 Gemeente Haverdam wrote:\n> Hallo\n> Anna\n\n--\nVerstuurd vanaf mijn iPad\n\nVirusvrij. www.avast.invalid",
        "Prima.",
    ),
    "signature stays": ("Ja.\n\n-- \nAnna\n\nOn 20 Nov 2026 at 07:53 Gemeente Haverdam wrote:\n> How many?\n> x", "Ja. -- Anna"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain(name: str) -> None:
    body, wanted = PLAIN[name]
    mail = read(body)
    assert words(mail.text) == words(body if wanted is None else wanted)
    assert words(mail.full_text).replace("> ", "") == words(body).replace("> ", "")


HTML = {
    "gmail, answers between": (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon wrote:<br></div><blockquote class="gmail_quote">How many?</blockquote>'
        '<div>Three.</div><blockquote class="gmail_quote">When?</blockquote><div>Friday.</div></div>',
        "Three. Friday.",
    ),
    "gmail, below": (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon wrote:<br></div><blockquote class="gmail_quote">How many?</blockquote>'
        "</div><div>Three.</div>",
        "Three.",
    ),
    "own quotation": ("<p>Het bord zegt:</p><blockquote>verboden toegang</blockquote><p>Mag dat?</p>", "Het bord zegt: verboden toegang Mag dat?"),
    "apple, nested": (
        '<div>Prima.</div><blockquote type="cite"><div>Op 21 nov 2026 schreef X:</div><blockquote type="cite">oud</blockquote></blockquote>',
        "Prima.",
    ),
    "outlook, red answers unannounced": (
        '<p>Goedemiddag,</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Van:</b> Gemeente &lt;desk@haverdam.example&gt;<br>'
        "<b>Verzonden:</b> maandag 23 november 2026 10:33<br><b>Aan:</b> Anna<br><b>Onderwerp:</b> Losse tegel</p></div>"
        '<p>Hoe breed? <span style="color:red">40 cm</span></p>',
        None,
    ),
    "outlook web": ("<div>Prima.</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>Van:</b> Gemeente</div><div>oud</div>", "Prima."),
    "outlook web 2010": ('<div>Prima.</div><hr tabindex="-1"><div id="divRpF123456"><b>Van:</b> Gemeente</div><div>oud</div>', "Prima."),
    "hotmail": ('<div>Prima.<br><hr id="stopSpelling">Date: Mon, 23 Nov 2026<br>From: Gemeente<br>oud</div>', "Prima."),
    "arrows typed into it": (
        "<div>Prima.<br><br><div>&gt; Subject: Losse tegel<br>&gt; From: desk@haverdam.example<br>&gt; Date: Mon, 23 Nov 2026<br>&gt; <br>&gt; oud</div></div>",
        "Prima.",
    ),
    "windows mail, names alone": (
        '<div>Prima.</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;">'
        "<b>От:</b> Gemeente Haverdam<br><b>Отправлено:</b> четверг, 26 июня 2014 г. 15:05<br><b>Кому:</b> Anna</div><div>oud</div>",
        "Prima.",
    ),
    "a drawn line of one's own": ('<p>Boven.</p><div style="border-top:1px solid black">Onder de streep.</div>', "Boven. Onder de streep."),
    "spark": (
        '<div name="messageBodySection">Prima.</div><div name="messageReplySection">On Nov 23, 2026, 9:14 AM +0100, Gemeente Haverdam '
        '&lt;desk@haverdam.example&gt;, wrote:<br><blockquote type="cite" class="spark_quote">oud</blockquote></div>',
        "Prima.",
    ),
    "web.de": (
        '<div>Passt.</div><div name="quote" style="border-left:2px solid #C3D9E5"><div><b>Gesendet:</b> Montag, 23. November 2026 um 09:14 Uhr<br>'
        "<b>Von:</b> Gemeente &lt;desk@haverdam.example&gt;<br><b>An:</b> anna@post.example<br><b>Betreff:</b> Losse tegel</div>Hallo</div>",
        "Passt.",
    ),
    "x-prefixed": ('<div>Prima.</div><div id="x_divRplyFwdMsg">Van: Gemeente</div><div>oud</div>', "Prima."),
    "hidden words": ('<p style="display: none">geheim</p><p>Prima.</p>', "Prima."),
    "cells": ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a b c d"),
    "emoji as picture": ('<p>Top <img src="x" alt="👍"></p>', "Top 👍"),
    "entities": ("<p>caf&eacute; &lt;b&gt; &euro;&nbsp;5</p>", "café <b> € 5"),
}  # fmt: skip


@pytest.mark.parametrize("name", HTML)
def test_html(name: str) -> None:
    body, wanted = HTML[name]
    mail = read(body, "text/html")
    assert words(mail.text) == words(mail.full_text if wanted is None else wanted)


def test_a_first_mail_is_left_whole() -> None:
    raw = (
        HEAD.replace("In-Reply-To: <before@haverdam.example>\r\n", "")
        + "\r\nHallo\n\nOn Mon x <a@b.example> wrote:\n> a\n> b"
    ).encode()
    mail = mail_read(raw, DESK, received_at=NOW)
    assert mail.text == mail.full_text


def test_what_was_passed_on_in_a_thread_is_left_whole() -> None:
    body = "FYI\n\nVan: Bob <bob@bouw.example>\nVerzonden: maandag 23 november 2026 10:33\nAan: Anna\nOnderwerp: offerte\n\n500 euro"
    raw = (HEAD.replace("Subject: Re:", "Subject: FW:") + f"\r\n{body}").encode()
    mail = mail_read(raw, DESK, received_at=NOW)
    assert mail.text == mail.full_text
    assert mail.forwarded_from.address == "bob@bouw.example"
