"""The operations of the client's generated API, read from its source: method and path of each."""

import os
import re
from pathlib import Path
from typing import List, Tuple

import requests
from lightly.openapi_generated.swagger_client import api

from checks import check, equal

CALL = re.compile(r"call_api\(\s*'(/[^']+)', '([A-Z]+)'")


def operations() -> List[Tuple[str, str]]:
    sources = Path(api.__file__).parent.glob("*_api.py")
    return sorted({(method, path) for source in sources for path, method in CALL.findall(source.read_text())})


def judge_operations() -> None:
    with check("every operation of the client has an answer, if only that the sandbox lacks it"):
        known = operations()
        equal(len(known) > 120, True)
        unanswered = []
        for method, path in known:
            url = os.environ["LIGHTLY_SERVER_LOCATION"] + re.sub(r"\{\w+\}", "0" * 24, path)
            response = requests.request(method, url, params={"token": os.environ["LIGHTLY_TOKEN"]}, timeout=60)
            if response.status_code == 404 and response.json()["code"] == "NOT_FOUND":
                unanswered.append(f"{method} {path}")
        equal(unanswered, [])
