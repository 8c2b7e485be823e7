"""``python -m catgem_tui.phone.engine.offers``: tell, as one line of JSON, what the telephone's library was built with.

A process of its own, as the engine is: pjsip may abort it.
"""

import ctypes
import os
import sys
from importlib import metadata
from typing import Any

import msgspec
import pjsua2 as pj
from pjsua2 import _pjsua2

from catgem_tui.phone.offers import Offers

_TRANSPORTS = (
    ("UDP", "127.0.0.1", pj.PJSIP_TRANSPORT_UDP),
    ("TCP", "127.0.0.1", pj.PJSIP_TRANSPORT_TCP),
    ("TLS", "127.0.0.1", pj.PJSIP_TRANSPORT_TLS),
    ("UDP6", "::1", pj.PJSIP_TRANSPORT_UDP6),
)
_TRAVERSALS = (("ICE", "pj_ice_strans_create"), ("STUN", "pj_stun_sock_create"), ("TURN", "pj_turn_sock_create"))


def main() -> None:
    native = ctypes.CDLL(_pjsua2.__file__)
    native.pj_log_set_level(0)
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    version, codecs, ciphers = endpoint.libVersion(), endpoint.codecEnum2(), endpoint.srtpCryptoEnum()
    devices = endpoint.audDevManager().enumDev2()
    offers = Offers(
        version=version.full,
        transports=tuple(name for name, address, kind in _TRANSPORTS if _opens(endpoint, address, kind)),
        codecs=tuple(codecs[index].codecId for index in range(len(codecs))),
        srtp=tuple(str(ciphers[index]) for index in range(len(ciphers)) if ciphers[index] != "NULL"),
        traversals=tuple(name for name, function in _TRAVERSALS if hasattr(native, function)),
        sound="pjsip" if len(devices) else _find_miniaudio(),
    )
    sys.stdout.buffer.write(msgspec.json.encode(offers) + b"\n")
    sys.stdout.flush()
    os._exit(0)  # destructors at interpreter exit run in an order that can abort


def _find_miniaudio() -> str:
    try:
        return f"miniaudio {metadata.version('miniaudio')}"
    except metadata.PackageNotFoundError:
        return ""


def _opens(endpoint: Any, address: str, kind: int) -> bool:
    config = pj.TransportConfig()
    config.boundAddress = address
    try:
        endpoint.transportCreate(kind, config)
    except pj.Error:
        return False
    return True


if __name__ == "__main__":
    main()
