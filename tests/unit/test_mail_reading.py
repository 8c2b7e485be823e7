"""Mails of every kind, read into what central keeps."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.central.mail.html import text_of
from catgem_tui.central.mail.reading import ReadMail, read

HEADERS = (
    "Auto-Submitted",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Content-Type",
    "From",
    "Message-ID",
    "References",
    "Reply-To",
    "Subject",
    "To",
)


def parse(source: bytes | str, *, sender: str = "ana@example.org") -> ReadMail:
    data = source.encode() if isinstance(source, str) else source
    return read(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), envelope_sender=sender, text_limit=50_000)


def test_a_plain_mail() -> None:
    mail = parse(
        """From: =?utf-8?q?Jos=C3=A9_Pe=C3=B1a?= <jose@example.org>
To: atencion@example.org
Subject: =?utf-8?b?wr9Ew7NuZGUgdHJhbWl0byBtaSBhY3RhPw==?=
Message-ID: <1@example.org>
In-Reply-To: <c@x>
References: <a@x> <b@x>
Content-Type: text/plain; charset=utf-8

Buenos días.
"""
    )
    assert (mail.name, mail.address) == ("José Peña", "jose@example.org")
    assert mail.headers.subject == "¿Dónde tramito mi acta?"
    assert mail.text == "Buenos días."
    assert mail.thread == ("<c@x>", "<b@x>", "<a@x>")
    assert not mail.automatic


def test_the_same_mail_twice_has_the_same_ids_and_another_has_others() -> None:
    first = parse("From: a@x.mx\nMessage-ID: <1@x>\n\nHola")
    again = parse("Received: by another\nFrom: a@x.mx\nMessage-ID: <1@x>\n\nHola")
    stranger = parse("From: b@x.mx\nMessage-ID: <1@x>\n\nHola")
    assert (first.contact, first.message) == (again.contact, again.message)
    assert first.contact != first.message
    assert first.message != stranger.message
    assert parse("From: a@x.mx\n\nHola").message == parse("From: a@x.mx\n\nHola").message
    assert parse("From: a@x.mx\n\nHola").message != parse("From: a@x.mx\n\nAdiós").message


def test_without_from_there_is_nobody_to_answer() -> None:
    mail = parse("Subject: Queja\n\nTexto")
    assert (mail.name, mail.address, mail.headers.sender, mail.text) == ("", "", "", "Texto")


def test_an_unreadable_from_is_shown_and_not_answered() -> None:
    mail = parse("From: Juan Pérez sin correo\n\nTexto".encode("latin-1"))
    assert (mail.name, mail.address) == ("Juan Pérez sin correo", "")


def test_reply_to_goes_before_from() -> None:
    mail = parse("From: Formulario <web@example.org>\nReply-To: ana@example.org\n\nTexto")
    assert (mail.name, mail.address) == ("Formulario", "ana@example.org")


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "acción".encode("latin-1"), "acción"),
        ("x-unknown", "acción".encode(), "acción"),
        ("us-ascii", "acción".encode(), "acción"),
        ('"utf-8', "acción".encode(), "acción"),
        ("utf-8", b"a\xff\x81b", "aÿ\ufffdb"),
        ("rot13", b"hola", "hola"),
        ("utf-16", b"h", "h"),
    ],
)
def test_broken_charsets(charset: str, body: bytes, text: str) -> None:
    source = f"From: a@x.mx\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    assert parse(source.encode() + body).text == text


@pytest.mark.parametrize("raw", ["Ñandú".encode(), "Ñandú".encode("latin-1")])
def test_subjects_with_bytes_beyond_ascii(raw: bytes) -> None:
    assert parse(b"From: a@x.mx\nSubject: " + raw + b"\n\nx").headers.subject == "Ñandú"


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    mail = parse("From: a@x.mx\nSubject: =?utf-8?q?=1b[2Jhola?=\n\nuno\x1b]0;x\x07dos\u202e")
    assert mail.headers.subject == "[2Jhola"
    assert mail.text == "uno]0;xdos"


def test_html_only() -> None:
    mail = EmailMessage()
    mail["From"] = "a@x.mx"
    mail.set_content(
        "<html><head><style>p{color:red}</style><title>no</title><body><p>Uno&nbsp;<b>dos</b></p>"
        '<script>alert(1)</script><ul><li>tres<li>cuatro</ul><a href="https://example.org/a">aquí</a>'
        '<img src="http://tracker.example/x.png" alt="logo">',
        subtype="html",
    )
    assert parse(mail.as_bytes()).text == "Uno dos\n\n- tres\n- cuatro\n\naquí <https://example.org/a>[logo]"


def test_plain_text_goes_before_html_and_attachments_are_listed() -> None:
    mail = EmailMessage()
    mail["From"] = "a@x.mx"
    mail.set_content("texto")
    mail.add_alternative("<p>html</p>", subtype="html")
    mail.add_attachment(b"x" * 1000, maintype="application", subtype="pdf", filename="acta de Peñón.pdf")
    mail.add_attachment("notas", filename="notas.txt")
    read_mail = parse(mail.as_bytes())
    assert read_mail.text == "texto"
    assert read_mail.headers.attachments[0] == ("acta de Peñón.pdf", "application/pdf", 1000)
    assert read_mail.headers.attachments[1][:2] == ("notas.txt", "text/plain")


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "List-Id: <x.y>",
        "Content-Type: multipart/report; boundary=x",
    ],
)
def test_automatic_mail(header: str) -> None:
    assert parse(f"From: a@x.mx\n{header}\n\nx").automatic
    assert not parse("From: a@x.mx\nAuto-Submitted: no\n\nx").automatic
    assert parse("From: a@x.mx\n\nx", sender="").automatic


def test_a_bounce_belongs_to_the_mail_it_returns() -> None:
    mail = parse(
        """From: MAILER-DAEMON@relay.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

No se entregó.
--b
Content-Type: message/delivery-status

Action: failed
--b
Content-Type: message/rfc822

From: atencion@example.org
Message-ID: <ours@example.org>

Hola
--b--
""",
        sender="",
    )
    assert mail.thread == ("<ours@example.org>",)
    assert mail.text == "No se entregó."


def test_long_texts_are_cut() -> None:
    assert len(parse("From: a@x.mx\n\n" + "palabra " * 20_000).text) <= 50_000


def test_deeply_nested_parts() -> None:
    source = "From: a@x.mx\n"
    for number in range(300):
        source += f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n"
    assert parse(source + "\nhola").message


@given(st.binary(max_size=2_000))
def test_any_bytes_give_something_that_can_be_shown(source: bytes) -> None:
    mail = read(source, envelope_sender="", text_limit=1_000)
    f"{mail.name}{mail.address}{mail.text}{mail.headers}".encode()


@given(
    st.sampled_from(HEADERS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=200),
)
def test_any_header_gives_something_that_can_be_shown(name: str, value: str) -> None:
    mail = parse(f"{name}: {value}\n\nhola")
    f"{mail.name}{mail.address}{mail.text}{mail.headers}".encode()


@given(st.text(max_size=500))
def test_any_html_gives_text(source: str) -> None:
    assert isinstance(text_of(source), str)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a<p>b", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ('<a href="mailto:x@y.mx">x@y.mx</a>', "x@y.mx"),
        (
            '<a href="https://banco.example/">https://gobierno.example</a>',
            "https://gobierno.example <https://banco.example/>",
        ),
        ("<head><title>t</title><body>visible", "visible"),
        ("&lt;script&gt; 5 &gt; 3 &amp; á", "<script> 5 > 3 & á"),
        ("<pre>a\n   b</pre>", "a\nb"),
        ("uno\n  dos", "uno dos"),
        ("5 < 6 y 7<8 <3", "5 < 6 y 7<8 <3"),
        ("a<!-- <p>no -->b<!-- sin fin <p>c", "ab"),
        ("a <b sin fin", "a <b sin fin"),
        ("<script>if (a</b) '<p>'</SCRIPT>b", "b"),
        ("<style>p{}", ""),
        ('<img alt="a > b" src=x>c', "[a > b]c"),
        ("<A HREF='https://x.mx/?a=1&amp;b=2'>x</A>", "x <https://x.mx/?a=1&b=2>"),
        ("<svg><text>no</text></svg>sí", "sí"),
        ("<?xml version='1.0'?><!DOCTYPE html>x</unknown>y", "xy"),
    ],
)
def test_html(source: str, text: str) -> None:
    assert text_of(source) == text


BROKEN = (
    *(
        "<!--",
        "<a ",
        "<![CDATA[",
        "<!x",
        "<?x",
        "</",
        "<a href='",
        '<a href="',
        "&#",
        "<a>x",
        "</a>",
        "<a b=",
        "<head>",
    ),
    *("<head>", "<!--x--!>", "</script ", "<div>", '<a ">', "<", "href=", "<img alt ", "<td>"),
)


@pytest.mark.parametrize("opening", ["", "<script>", "<pre>", "<head>"])
@pytest.mark.parametrize("piece", BROKEN)
def test_html_that_is_broken_on_purpose_takes_no_longer_than_other(opening: str, piece: str) -> None:
    started = time.process_time()
    text_of(opening + piece * (400_000 // len(piece)))
    assert time.process_time() - started < 5  # the standard library's parser takes half an hour for some of these


@pytest.mark.parametrize("name", ["From", "To", "Content-Type", "Content-Disposition", "References"])
@pytest.mark.parametrize("piece", ["(", "<", '"', "[", "a,", ";a=b", "=?utf-8?q?a?= "])
def test_headers_that_are_broken_on_purpose_lose_no_mail(name: str, piece: str) -> None:
    value = {"Content-Type": "text/plain; x=", "Content-Disposition": "inline; x="}.get(name, "")
    mail = parse(f"{name}: {value}{piece * (9_000 // len(piece))}\n\nhola")
    assert "hola" in mail.text or mail.headers.attachments
