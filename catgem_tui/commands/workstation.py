"""``catgem`` with no command: the workstation."""

import argparse
import gc

from catgem_tui.commands.preparation import prepare, require_terminal, with_screen


def run(options: argparse.Namespace) -> int:
    gc.disable()  # until the workstation is whole: what is loaded on the way there stays, and looking at it takes time
    settings = with_screen(prepare(options, "workstation"), options)
    require_terminal()
    from msgspec.structs import replace

    from catgem_tui import workstation

    own = settings.workstation
    looks = {name: chosen for name in ("theme", "keymap") if (chosen := getattr(options, name))}
    if looks:
        settings = replace(settings, workstation=replace(own, **looks))
    return workstation.run(settings, central=options.central or own.central, user=options.user or own.user)
