"""Encoding of standard output, and errors of writing to it."""

from __future__ import annotations

import errno
import os
import sys

from lookalike.errors import OutputFailed


def use_utf8() -> None:
    """Restart this command in UTF-8 mode if the locale is ASCII.

    File names and product texts then stay intact, in the database and on the screen.
    """
    if sys.getfilesystemencoding().lower() in ("ascii", "us-ascii", "ansi_x3.4-1968"):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONUTF8": "1"})


def output_failed(error: OSError) -> OutputFailed | None:
    """The message of an error of standard output, which is then closed. None for other errors."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG) or error.filename is not None:
        return None
    # The rest of the buffer would fail again at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return OutputFailed(
        f"The output cannot be written ({error.strerror}). Free some space, or name another file."
    )
