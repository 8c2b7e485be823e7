"""Shapes that settings have to have, and what is said of a value that has another."""

from catgem_tui.config.i18n import N_

IPV4 = r"^\d{1,3}(\.\d{1,3}){3}$"
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
NETWORK = rf"^{_OCTET}(\.{_OCTET}){{3}}(/(3[0-2]|[12]?\d))?$"
HOST = r"^(?!0\.0\.0\.0$)[A-Za-z0-9.-]+$"
"""An address or name by which others find this machine."""
SERVER = r"^([A-Za-z0-9.-]+(:\d{1,5})?)?$"
SIP_ADDRESS = r"^(sips?:[^\s<>@:;]+@[A-Za-z0-9.-]+(:\d{1,5})?)?$"
DIAL = r"^(sips?:[^\s<>{}]*\{number\}[^\s<>{}]*)?$"
NUMBER = r"^(\+?\d{3,15})?$"

EXPECTED = {
    IPV4: N_("expected an IPv4 address, as 192.0.2.10; 0.0.0.0 is every one of this machine"),
    NETWORK: N_("expected an IPv4 address or network, as 192.0.2.10 or 192.0.2.0/24"),
    HOST: N_("expected the IPv4 address or the name at which others reach this machine"),
    SERVER: N_("expected a host, or a host and a port, as pbx.centre.example:5061"),
    NUMBER: N_("expected the digits of a telephone number, as 911"),
    DIAL: N_("expected an address as sip:{number}@192.0.2.10"),
    SIP_ADDRESS: N_("expected a SIP address, as sip:ana@centre.example"),
}
RULES = {
    "registrar without address": N_("a registrar needs an address too: what this telephone is called there"),
    "address without registrar": N_("an address needs a registrar too: the exchange that knows it"),
    "no authorities": N_("the file of certificates (authorities) is not there"),
}
"""What holds between several settings of one table, by the text of the ValueError."""
