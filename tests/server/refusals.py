"""Whether an answer is a refusal in its dialect's own shape."""

from typing import Any

import httpx2
import jsonschema_rs

from onebook.bootstrap import DIALECTS

_SHAPES = {dialect.name: jsonschema_rs.validator_for(dialect.error) for dialect in DIALECTS}


def refusal(dialect: str, answer: httpx2.Response, *statuses: int) -> Any:
    """The body of a refusal, once its status is one of those and its shape is the dialect's."""
    assert answer.status_code in statuses, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith(("application/json", "application/problem+json"))
    body = answer.json()
    _SHAPES[dialect].validate(body)
    return body
