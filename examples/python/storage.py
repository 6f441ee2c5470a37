"""A checkpoint, a model, a dataset of many files, and a large file that goes straight to the store."""

import hashlib
import time

import requests
from nexus import Nexus

with Nexus() as storage:
    suffix = format(time.time_ns(), "x")
    topology = storage.post("/topologies", {"name": "my-transformer", "architecture": "transformer"})

    checkpoint = storage.post(
        "/checkpoints",
        {
            "name": "best-model-checkpoint",
            "topology_id": f"topology-{topology['id']}",
            "step": 10,
            "checkpoint_data": {"epoch": 10, "loss": 0.123, "model_state_dict": {"w": [0.5]}},
        },
    )
    print("Checkpoint:", checkpoint["path"])

    name = f"my-model-{suffix}"
    storage.post(
        "/models",
        {
            "name": name,
            "model_data": {"weights": [0.1, 0.2], "training_info": {"accuracy": 0.94}},
            "metadata": {"accuracy": 0.94, "compression": 0.1},
        },
    )
    model = storage.get("/models/download", name=name)["model_data"]
    print(f"Model accuracy: {model['training_info']['accuracy']}")

    files = [{"name": f"chunk_{i:03d}.json", "data": {"chunk": i}} for i in range(3)]
    uploaded = storage.post("/datasets/upload", {"name": f"processed-web-data-{suffix}", "files": files})
    print("Files:", [stored["key"] for stored in uploaded["files"]])

    # Bytes of any size never pass through the server: it is told their size and hash, and answers where to send them.
    data = b"any bytes" * 100_000
    begun = storage.post(
        "/objects",
        {
            "kind": "artifact",
            "name": f"experiment-results/{suffix}.bin",
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        },
    )
    requests.put(begun["upload"]["url"], data=data, headers=begun["upload"]["headers"], timeout=60).raise_for_status()
    ready = storage.post(f"/objects/{begun['object']['id']}/complete", {})
    print("Artifact:", ready["key"], ready["status"])
