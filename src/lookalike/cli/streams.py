"""Standard output and error: which encoding they use, and what happens when they cannot be written."""

from __future__ import annotations

import errno
import os
import sys

from lookalike.errors import OutputFailed


def use_utf8() -> None:
    """Start this command again in UTF-8 mode where the locale knows ASCII alone.

    Names of files and texts of products are then what they are, in the database as on the screen.
    """
    if sys.getfilesystemencoding().lower() in ("ascii", "us-ascii", "ansi_x3.4-1968"):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONUTF8": "1"})


def output_failed(error: OSError) -> OutputFailed | None:
    """The failure in words if it is the output's, which then takes nothing more; None if it is another's."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG) or error.filename is not None:
        return None
    # What is still in the buffer would fail again at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return OutputFailed(
        f"The output cannot be written ({error.strerror}): free some space or name another file."
    )
