"""The fixes of findings that need no more than a yes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.doctor.stored_findings import mark_fixed, stored_findings
from lookalike.catalog.update import FACET, ProductUpdate
from lookalike.errors import Conflict
from lookalike.shop import Shop
from lookalike.types import Rule

Fix: TypeAlias = Literal["remove", "group", "set", "hide", "clear"]

# The rule that the product list of the web application keeps, too.
HIDING = "hidden-products"


def fix_of(finding: Finding) -> Fix | None:
    """How a finding is fixed. None if that needs a person."""
    match finding.kind:
        case "duplicate":
            return "remove"
        case "variant":
            return "group"
        case "doubtful category" | "doubtful colour":
            return "set"
        case "missing photo" | "blank photo":
            return "hide"
        case "broken link":
            return "clear"
        case _:
            return None


def apply_fix(shop: Shop, finding: Finding) -> None:
    """Fix a finding, and mark it as fixed, with those that the same step settles.

    These are all findings about a product that is removed, and all products of a group.
    Raises NotFound if the product is gone, and Conflict if the finding has no fix.
    """
    shop.product(finding.product)
    findings = stored_findings(shop.catalog.database).findings
    fixed = [finding]
    match fix_of(finding):
        case "remove":
            # The twin may have been removed since: then this is the last of them.
            shop.product(finding.other)
            shop.remove([finding.product])
            fixed = [each for each in findings if each.product == finding.product]
        case "group":
            fixed = [each for each in findings if (each.kind, each.likely) == (finding.kind, finding.likely)]
            shop.update([ProductUpdate(each.product, {"group": finding.likely}) for each in fixed])
        case "set":
            shop.update([ProductUpdate(finding.product, {f"{FACET}{finding.field}": finding.likely})])
        case "hide":
            _hide(shop, finding.product)
        case "clear":
            shop.update([ProductUpdate(finding.product, {finding.field: None})])
        case None:
            raise Conflict("This finding needs a person: edit the product, or dismiss the finding.")
    mark_fixed(shop.catalog.database, [each.id for each in fixed])


def _hide(shop: Shop, product: str) -> None:
    rules = {rule.id: rule for rule in shop.rules}
    hiding = rules.get(HIDING, Rule(HIDING, "hide"))
    if product not in hiding.products:
        rules[HIDING] = replace(hiding, products=(*hiding.products, product))
        shop.put_rules(rules.values())
