"""The signs of what an advisor is doing: the same as word and colour, for eyes that do not see the colour."""

from catgem_tui.protocol.enums import AdvisorState

SIGNS = {
    AdvisorState.AVAILABLE: "●",
    AdvisorState.BUSY: "◆",
    AdvisorState.OFFERED: "◆",
    AdvisorState.WRAP_UP: "◇",
    AdvisorState.PAUSED: "‖",
    AdvisorState.NOT_RESPONDING: "!!",
    AdvisorState.OFFLINE: "○",
}
