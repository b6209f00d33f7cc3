"""The findings of the latest check, and what people have decided about them.

A dismissed finding stays dismissed when the products are checked again. One that was fixed is gone then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from lookalike.analysis import results
from lookalike.analysis.doctor.findings import Finding, counted
from lookalike.database import Database
from lookalike.errors import NotFound

DISMISSED = "dismissed-findings"
FIXED = "derived:fixed-findings"
FIELDS = frozenset(field.name for field in fields(Finding))
NOT_CHECKED = (
    "The products have not been checked. Check them in Manage, or run `lookalike doctor --catalog FILE`."
)


@dataclass(frozen=True, slots=True)
class StoredFindings:
    """The findings of the latest check, and the ids of those that are dismissed or fixed."""

    findings: tuple[Finding, ...]
    dismissed: frozenset[str]
    fixed: frozenset[str]

    @property
    def open(self) -> list[Finding]:
        """The findings that nobody has dismissed or fixed."""
        return [each for each in self.findings if each.id not in self.dismissed | self.fixed]

    def finding(self, id: str) -> Finding:
        """The finding with this id."""
        found = next((each for each in self.findings if each.id == id), None)
        if found is None:
            raise NotFound("There is no such finding. Check the products again.")
        return found


def keep(database: Database, findings: Sequence[Finding]) -> None:
    """Store the findings of a check in place of those of the last one."""
    stored = {"counts": counted(findings), "findings": [finding.as_json() for finding in findings]}
    results.keep(database, results.FINDINGS, stored)
    _put(database, FIXED, ())


def stored_findings(database: Database) -> StoredFindings:
    """The findings of the latest check. Raises NotFound if there was none."""
    stored = results.kept(database, results.FINDINGS)
    if stored is None:
        raise NotFound(NOT_CHECKED)
    return StoredFindings(
        tuple(_finding(each) for each in stored["findings"]), dismissed(database), _ids(database, FIXED)
    )


def dismissed(database: Database) -> frozenset[str]:
    """The ids of the findings that a person has dismissed."""
    return _ids(database, DISMISSED)


def dismiss(database: Database, id: str) -> None:
    """Remember that a finding is no problem."""
    _put(database, DISMISSED, dismissed(database) | {id})


def restore(database: Database, id: str) -> None:
    """Show a finding again that was dismissed or fixed."""
    _put(database, DISMISSED, dismissed(database) - {id})
    _put(database, FIXED, _ids(database, FIXED) - {id})


def mark_fixed(database: Database, ids: Collection[str]) -> None:
    """Remember until the next check that findings are fixed."""
    _put(database, FIXED, _ids(database, FIXED) | set(ids))


def _finding(stored: dict[str, Any]) -> Finding:
    return Finding(**{name: value for name, value in stored.items() if name in FIELDS})


def _ids(database: Database, name: str) -> frozenset[str]:
    data = database.fit(name)
    return frozenset(json.loads(data)) if data else frozenset()


def _put(database: Database, name: str, ids: Collection[str]) -> None:
    database.put_fit(name, json.dumps(sorted(ids)).encode())
