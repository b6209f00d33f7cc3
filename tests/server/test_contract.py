"""The whole API from its own contract: whatever is sent, no answer is a failure of the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from lookalike import Shop
from lookalike.server.app import create_app
from lookalike.settings import Settings
from support.samples import goods

EXAMPLES = 15


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    with Shop.open(str(tmp_path_factory.mktemp("contract") / "shop.db"), "pixels") as shop:
        shop.add(goods())
        app = create_app(shop, Settings(catalog=shop.url, admin_key="chief"))
        yield schemathesis.openapi.from_asgi("/openapi.json", app)
        app.state.parts.jobs.close()


def test_no_request_makes_the_server_fail(api: schemathesis.BaseSchema):
    for found in api.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def never_a_server_error(case: schemathesis.Case) -> None:
            response = case.call(headers={"X-API-Key": "chief"})
            case.validate_response(response, checks=[not_a_server_error])

        never_a_server_error()
