"""The telephone's registration at an exchange: who it is there, and the password, which the keyring keeps."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.happenings import PhonePasswordMissing
from catgem_tui.phone.port import PhoneCommand, Register, RegistrationChanged

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExchangeAccount:
    """Who a telephone is at an exchange."""

    registrar: str
    """``host`` or ``host:port``."""
    address: str
    """SIP address."""
    user: str = ""
    """For the login; empty is the address's own."""
    transport: str = "udp"
    """``udp``, ``tcp`` or ``tls``."""

    @property
    def host(self) -> str:
        return self.registrar.partition(":")[0]

    def register(self, password: str) -> Register:
        registrar = f"sip:{self.registrar};transport={self.transport}"
        return Register(uri=self.address, registrar=registrar, user=self.user, password=password)


class ExchangeLine:
    """``give`` takes commands for the telephone, ``report`` hears ``PhonePasswordMissing``."""

    def __init__(
        self,
        account: ExchangeAccount,
        credentials: Credentials,
        give: Callable[[PhoneCommand], None],
        report: Callable[[object], None],
    ) -> None:
        self._account = account
        self._credentials = credentials
        self._give = give
        self._report = report
        self._password = ""
        self._one_at_a_time = asyncio.Lock()

    async def register(self, password: str) -> None:
        """With this password from now on, or, where it is empty, with the one kept before. Never raises."""
        async with self._one_at_a_time:
            if password:
                self._password = password
                self._give(self._account.register(password))  # the keyring may take its time
                await self._credentials.keep_phone_password(self._account.address, password)
                return
            if not self._password:
                self._password = await self._credentials.phone_password(self._account.address)
            if self._password:
                self._give(self._account.register(self._password))
            else:
                self._report(PhonePasswordMissing())

    def note(self, event: RegistrationChanged) -> None:
        """For whoever reads the log later."""
        log.info(
            "%s at %s: %s (%d %s)", self._account.address, self._account.registrar, event.state, event.code,
            event.reason,
        )  # fmt: skip
