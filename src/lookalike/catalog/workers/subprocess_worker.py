"""Worker processes on this machine: `-m lookalike.catalog.workers.subprocess_worker` is what they run.

A process of its own program runs nothing of the importing one's, which a fork or a spawn may do.
What is said is pickled, as multiprocessing does: this program, and nobody else, is at either end of the pipe.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from typing import BinaryIO, cast

from lookalike.catalog.workers.embed import Embedder, EncoderSpecs
from lookalike.catalog.workers.task import Done, HandLost, Task
from lookalike.errors import LookalikeError, Unavailable

READY = "ready"
PATIENCE = 10.0


class ProcessHand:
    """One process that embeds, asked and answering through its standard input and output."""

    def __init__(self, specs: EncoderSpecs) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C is for the importing process, which lets the others finish.
            start_new_session=True,
        )
        try:
            self._ask(specs)
        except HandLost as lost:
            self.close()
            raise Unavailable(f"A worker process could not start: {lost}.") from lost

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def do(self, task: Task) -> Done:
        """Do a task in the process; raises HandLost where it ends before."""
        return cast("Done", self._ask(task))

    def close(self) -> None:
        """End the process at once: it has nothing to lose."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # What was on its way to a process that is gone cannot be flushed.
            with suppress(OSError):
                cast("BinaryIO", pipe).close()

    def _ask(self, question: Task | EncoderSpecs) -> object:
        asking, answering = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        try:
            pickle.dump(question, asking, pickle.HIGHEST_PROTOCOL)
            asking.flush()
            answer = pickle.load(answering)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise HandLost(self._end()) from error
        if isinstance(answer, LookalikeError):
            raise answer
        return answer

    def _end(self) -> str:
        """How the process ended, in words."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "a process answered what cannot be read"
        if status < 0:
            return f"a process was killed by signal {-status}, as happens when memory runs out"
        return f"a process ended with status {status}"


def hire(specs: EncoderSpecs, closing: threading.Event) -> ProcessHand:
    """A process that is ready."""
    return ProcessHand(specs)


def main() -> None:
    """Do what is asked on standard input until it ends."""
    asked = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library may print must not get between the answers.
    os.dup2(2, 1)
    embedder: Embedder | None = None
    while True:
        try:
            question: Task | EncoderSpecs = pickle.load(asked)
        except EOFError:
            return
        try:
            if isinstance(question, EncoderSpecs):
                embedder = Embedder.fitted_out(question)
                answer: object = READY
            else:
                assert embedder is not None
                answer = embedder.do(question)
        except LookalikeError as error:
            answer = error
        try:
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
        except BrokenPipeError:
            # The importing process is gone, and nobody else wants the answer.
            return


if __name__ == "__main__":
    main()
