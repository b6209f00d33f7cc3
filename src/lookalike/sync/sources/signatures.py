"""Checks whether a webhook is genuine: its signature and its age."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, cast

from lookalike.errors import BadDelivery
from lookalike.sync.source import Delivery

CLOCK_SKEW = 300.0


def signature_of(secret: bytes, message: bytes) -> str:
    """The HMAC-SHA256 of a message in base64."""
    return base64.b64encode(hmac.digest(secret, message, "sha256")).decode()


def check_signature(given: str, secret: bytes, message: bytes) -> None:
    """Raise BadDelivery unless one of the signatures, separated by blanks, is that of the message."""
    wanted = signature_of(secret, message)
    if sum(hmac.compare_digest(one.encode(), wanted.encode()) for one in given.split()) == 0:
        raise BadDelivery(
            "The signature of the webhook is missing or wrong: set the same secret here and in the shop."
        )


def check_age(sent: datetime, now: float, most: float) -> None:
    """Raise BadDelivery if a webhook was sent longer ago than `most` seconds, or in the future."""
    age = now - sent.timestamp()
    if age > most or age < -CLOCK_SKEW:
        raise BadDelivery(
            f"The webhook is dated {sent.isoformat()}, which is too old or in the future. "
            "Check the clocks of both machines; the next run reads what it was about."
        )


def body_of(delivery: Delivery) -> dict[str, Any]:
    """The object in the body of a webhook whose signature was checked."""
    try:
        body = json.loads(delivery.body)
    except ValueError as error:
        raise BadDelivery("The body of the webhook is not JSON: send it as application/json.") from error
    if not isinstance(body, dict):
        raise BadDelivery("The body of the webhook is not a JSON object: send one.")
    return cast("dict[str, Any]", body)


def delivery_id(given: str, body: bytes) -> str:
    """An id that is the same for every repetition of a delivery, and for no other delivery.

    Shops do not sign the id that they give, and WooCommerce gives one id to all webhooks of a second.
    """
    return hashlib.sha256(given.encode() + b"\0" + body).hexdigest()
