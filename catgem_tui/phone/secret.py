"""Proving to each other that both know a secret, without ever saying it.

Whoever is called says ``Challenge``, the caller answers with ``Response``, and the called one with ``Accepted``. Each
proof is an HMAC (RFC 2104, SHA-256) over both nonces and the prover's part, so neither can be repeated nor mirrored.
"""

import hmac
import secrets

import msgspec

from catgem_tui.phone.port import Struct

BYTES = 32
"""Of a secret and of a nonce: 256 bits."""
LONGEST = 1024
"""Bytes of a message before anybody has proved anything."""


class Challenge(Struct, frozen=True, kw_only=True, tag="challenge"):
    version: int
    """Of what is spoken afterwards (``wire.VERSION``)."""
    nonce: bytes


class Response(Struct, frozen=True, kw_only=True, tag="response"):
    nonce: bytes
    proof: bytes


class Accepted(Struct, frozen=True, kw_only=True, tag="accepted"):
    proof: bytes


class Refused(Struct, frozen=True, kw_only=True, tag="refused"):
    """The proof was wrong."""


Message = Challenge | Response | Accepted | Refused


class NotProved(Exception):
    """The other side does not know the secret, or does not speak like this."""


def new_secret() -> bytes:
    return secrets.token_bytes(BYTES)


def new_nonce() -> bytes:
    return secrets.token_bytes(BYTES)


def answer(secret: bytes, challenge: Challenge) -> Response:
    nonce = new_nonce()
    return Response(nonce=nonce, proof=_prove(secret, b"caller", challenge.nonce, nonce))


def accept(secret: bytes, challenge: Challenge, response: Message) -> Accepted:
    """Raises NotProved."""
    if not isinstance(response, Response):
        raise NotProved
    expected = _prove(secret, b"caller", challenge.nonce, response.nonce)
    if len(response.nonce) != BYTES or not hmac.compare_digest(expected, response.proof):
        raise NotProved
    return Accepted(proof=_prove(secret, b"called", challenge.nonce, response.nonce))


def check(secret: bytes, challenge: Challenge, response: Response, accepted: Accepted) -> None:
    """Whether the called one knows the secret too. Raises NotProved."""
    if not hmac.compare_digest(_prove(secret, b"called", challenge.nonce, response.nonce), accepted.proof):
        raise NotProved


def encode(message: Message) -> bytes:
    return _encoder.encode(message)


def decode(body: bytes) -> Message:
    """Raises NotProved."""
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise NotProved from error


def _prove(secret: bytes, part: bytes, challenged: bytes, answered: bytes) -> bytes:
    return hmac.digest(secret, part + b"\0" + challenged + answered, "sha256")


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
