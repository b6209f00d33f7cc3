"""`/doctor/findings`: what a person decides about a possible problem with a product."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from lookalike.analysis.doctor import fixes, stored_findings
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.analysis import Finding

router = APIRouter(tags=["explore"], route_class=AdminRoute, responses=documented(401, 403, 404, 422))

FindingId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of the finding.")]


@router.post("/doctor/findings/{id}:dismiss")
def dismiss_finding(id: FindingId, shop: Shop) -> Finding:
    """Remember that a finding is no problem. Later checks keep it dismissed."""
    finding = stored_findings.stored_findings(shop.catalog.database).finding(id)
    stored_findings.dismiss(shop.catalog.database, id)
    return Finding.of(finding, dismissed=True)


@router.post("/doctor/findings/{id}:restore")
def restore_finding(id: FindingId, shop: Shop) -> Finding:
    """Show a finding again that was dismissed, or whose fix was taken back."""
    finding = stored_findings.stored_findings(shop.catalog.database).finding(id)
    stored_findings.restore(shop.catalog.database, id)
    return Finding.of(finding, dismissed=False)


@router.post("/doctor/findings/{id}:fix", responses=documented(409, 503))
def fix_finding(id: FindingId, shop: Shop) -> Finding:
    """Do what the finding's `fix` says. A finding without one is refused."""
    finding = stored_findings.stored_findings(shop.catalog.database).finding(id)
    fixes.apply_fix(shop, finding)
    return Finding.of(finding, dismissed=False)
