"""One Ray task a record: blocking calls in 16 processes, each with a connection that is kept."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ray

from benchmarks.rivals import task_of
from benchmarks.work import label_from, read_notes, request, write_labels

PROCESSES = 16
connections: dict[str, http.client.HTTPConnection] = {}


@ray.remote
def classify(url: str, note: dict[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    connection = connections.setdefault(url, http.client.HTTPConnection(parts.netloc, timeout=30))
    connection.request(
        "POST", f"{parts.path}/chat/completions", json.dumps(request(note)), {"Content-Type": "application/json"}
    )
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}")
    return label_from(note, response.read())


url, _ = task_of()
ray.init(num_cpus=PROCESSES, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
try:
    write_labels(Path(), ray.get([classify.remote(url, note) for note in read_notes(Path())]))
finally:
    ray.shutdown()
