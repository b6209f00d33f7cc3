"""Copies the sources that a catalog follows, with their schedules, runs and the products that each lists."""

from __future__ import annotations

from lookalike.database import Database

# A repetition of a webhook is not recognized in the copy: it reads its items once more.
_COPIED = "copied"


def copy_sources(source: Database, target: Database) -> int:
    """Copy every source to a catalog that has the same products; returns how many there are.

    Sources that an interrupted copy left in the target are replaced.
    """
    for known in target.sources.all():
        target.sources.remove(known.name)
        target.source_runs.remove(known.name)
        target.source_products.remove(known.name)
    stored = source.sources.all()
    for each in stored:
        target.sources.put(each.name, each.address)
        target.sources.keep_cursor(each.name, each.cursor)
        target.sources.keep_retried(each.name, each.retried)
        target.sources.keep_full_read(each.name, each.full_read)
        schedule = source.source_runs.schedule(each.name)
        if schedule is not None:
            target.source_runs.put(schedule)
        for run in reversed(source.source_runs.runs(each.name)):
            target.source_runs.end(run)
        waiting = source.sources.pending(each.name, source.sources.count_pending().get(each.name, 0))
        if waiting:
            target.sources.note(each.name, _COPIED, [item.id for item in waiting])
        # Ids that SQLite stored with NUL characters are other ids in the copy; the next full read notes them.
        target.source_products.note(
            each.name, [id for id in source.source_products.ids(each.name) if "\0" not in id]
        )
    return len(stored)
