"""SIP that nobody should send: the torture messages of RFC 4475 (section in the name), and worse.

Lines end with CR LF when sent; ``\\x..`` in a message stands for the octet, as the RFC's ``<hex>`` does. ``{body}`` is
the SDP that the RFC's messages share.
"""

from collections.abc import Iterator

from tests.torture_layers import LAYERS
from tests.torture_parser import PARSER

_BODY = """\
v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""

_INVITE = """\
INVITE sip:someone@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP {here};branch=z9hG4bK{name}
Max-Forwards: 70
From: <sip:enemy@{here}>;tag={name}
To: <sip:someone@127.0.0.1>
Call-ID: {name}@enemy
CSeq: {sequence}
Contact: <sip:enemy@{here}>
{header}Content-Type: application/sdp
Content-Length: {length}

{sdp}"""
_SDP = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\n"
_BROKEN_SDP = {
    "no-media": "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n",
    "no-connection": _SDP.replace("c=IN IP4 127.0.0.1\n", ""),
    "bad-address": _SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 999.1.2"),
    "port-zero": _SDP.replace("40000", "0"),
    "port-big": _SDP.replace("40000", "4000000"),
    "no-codec": _SDP.replace("AVP 8", "AVP"),
    "strange-codec": _SDP.replace("AVP 8", "AVP 111").replace("a=rtpmap:8 PCMA/8000", "a=rtpmap:111 nothing/1"),
    "rate-zero": _SDP.replace("PCMA/8000", "PCMA/0"),
    "many-codecs": _SDP.replace("AVP 8", "AVP " + " ".join(str(number) for number in range(96))),
    "many-media": _SDP + "m=audio 40002 RTP/AVP 8\n" * 60,
    "many-attributes": _SDP + "a=x:y\n" * 2000,
    "no-version": _SDP.removeprefix("v=0\n"),
    "only-letters": "abc\n",
    "binary": "\x00\xff\x80" * 50,
    "crypto": _SDP + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short\n",
    "ice": _SDP + "a=ice-ufrag:x\na=ice-pwd:y\na=candidate:1 1 UDP z 300.0.0.1 99999 typ what\n",
    "telephone-event": _SDP + "a=rtpmap:101 telephone-event/0\na=fmtp:101 \n",
}


def broken(here: str) -> Iterator[bytes]:
    """INVITEs with broken SDP, wrong CSeq, giant headers; then no SIP at all. ``here``: ``host:port`` of who sends."""

    def invite(name: str, sdp: str = _SDP, sequence: str = "1 INVITE", header: str = "", length: str = "") -> bytes:
        body = _as_sent(sdp)
        head = _INVITE.format(
            here=here, name=name, sequence=sequence, header=header, length=length or len(body), sdp=""
        )
        return _as_sent(head) + body

    for name, sdp in _BROKEN_SDP.items():
        yield invite(f"sdp-{name}", sdp)
    for index, sequence in enumerate(("0 INVITE", "-1 INVITE", "4294967296 INVITE", "INVITE", "1 BYE", "x", "1", "")):
        yield invite(f"cseq-{index}", sequence=sequence)
    yield invite("giant-header", header=f"Subject: {'x' * 30_000}\n")
    yield invite("many-headers", header="X-Many: 1\n" * 3000)
    yield invite("token", header=f"X-Catgem-Token: {'A' * 9000}\n")
    yield invite("length", length="99999999999999999999")
    yield invite("too-big", sdp=_SDP + "a=x:" + "y" * 60_000 + "\n")
    yield b""
    yield b"\x00" * 1400
    yield bytes(range(256)) * 100
    yield b"\r\n" * 2000
    yield b"INVITE"
    yield b"INVITE sip:a@b SIP/2.0\r\n" * 500
    yield b"SIP/2.0 200 OK\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500
    yield b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def torture() -> Iterator[tuple[str, bytes]]:
    for name, text in (PARSER | LAYERS).items():
        yield name, _as_sent(text.replace("{body}", _BODY))


def _as_sent(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("latin-1")
