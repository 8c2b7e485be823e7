"""What the system says of a file or an address that cannot be used, in the reader's language."""

import errno

from catgem_tui.config.i18n import N_, _

_WORDS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("there is no permission for it"),
    errno.EPERM: N_("there is no permission for it"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the room allowed on the disk is used up"),
    errno.EROFS: N_("the disk can only be read"),
    errno.EIO: N_("the disk fails"),
    errno.EISDIR: N_("that is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.EEXIST: N_("it is already there"),
    errno.ENAMETOOLONG: N_("its name is too long"),
    errno.EADDRINUSE: N_("another program uses that address"),
}


def reason(error: OSError) -> str:
    """Why, to stand after the name and a colon; the system's own words where we have none."""
    words = _WORDS.get(error.errno or 0)
    return _(words) if words else error.strerror or str(error)
