"""Why a connection failed, in the person's language: the libraries say it in English."""

import re

from catgem_tui.config.i18n import N_, _

_REASONS = (
    (r"certificate has expired", N_("it has expired; or this machine's clock is wrong")),
    (r"not yet valid", N_("it is not valid yet; or this machine's clock is wrong")),
    (r"self.signed", N_("it is signed by itself, and no authority vouches for it")),
    (r"unable to get.* issuer", N_("this machine does not know the authority that signed it")),
    (r"mismatch|doesn't match|not valid for", N_("it is for another name")),
    (r"name or service not known|nodename nor|no address associated|name resolution", N_("nobody knows that name")),
    (r"refused|all connection attempts failed", N_("nothing listens there")),
    (r"unreachable|no route", N_("the network does not lead there")),
    (r"timed? ?out|timeout|^$", N_("nothing came back in time")),
    (r"wrong.version.number|unexpected.eof|record.layer|http.request", N_("what answers there speaks no TLS")),
    (
        r"http 403|http 40[0157]|http 426|http 50\d|did not receive a valid http|rejected websocket",
        N_("it was refused"),
    ),
)


def say(words: str) -> str:
    """The library's own words where they are none of the known."""
    for pattern, reason in _REASONS:
        if re.search(pattern, words, re.IGNORECASE):
            return _(reason)
    return words.strip().rstrip(".")
