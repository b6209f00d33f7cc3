"""Processes on this machine, as the system lists them."""

from __future__ import annotations

from pathlib import Path


def processes_below(parent: int, said: str) -> list[int]:
    """The processes that descend from one and whose command line has these words."""
    parents: dict[int, int] = {}
    lines: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat, line = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
        lines[int(folder.name)] = line.replace("\0", " ")

    def descends(pid: int) -> bool:
        while pid in parents and pid != parent:
            pid = parents[pid]
        return pid == parent

    return [pid for pid, line in lines.items() if said in line and descends(pid)]
