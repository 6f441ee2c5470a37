"""People, topologies and their analytics, and semantic chunks of a dataset."""

import time

from nexus import Nexus

with Nexus() as db:
    suffix = format(time.time_ns(), "x")
    user = db.post("/users", {"username": f"scientist-{suffix}", "email": f"scientist-{suffix}@example.com"})
    made = db.post(
        "/topologies",
        {
            "name": "my-transformer",
            "description": "Custom transformer model",
            "architecture": "transformer",
            "created_by": user["id"],
            "config": {"layers": 6, "dimensions": 512},
        },
    )
    topologies = db.get("/topologies", created_by=user["id"])["items"]
    assert [topology["id"] for topology in topologies] == [made["id"]]
    analytics = db.get(f"/analytics/topologies/{made['id']}")
    print("Analytics:", analytics)

    dataset = db.post("/datasets", {"name": f"textbook-{suffix}"})
    chunk = db.post(
        "/chunks",
        {
            "dataset_id": dataset["id"],
            "content": "Machine learning fundamentals...",
            "embedding": [(n % 7) / 7 + 0.1 for n in range(384)],
            "metadata": {"source": "textbook", "chapter": 1},
        },
    )
    found = db.post("/chunks/search", {"dataset_ids": [dataset["id"]], "text": "fundamentals"})
    assert found["items"][0]["chunk"]["id"] == chunk["id"]
    print("Found:", found["items"][0]["highlight"])
