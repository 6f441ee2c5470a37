"""Structured context, sessions, annotations and many documents at once."""

from nexus import Nexus

with Nexus() as store:
    topology = store.post("/topologies", {"name": "my-transformer", "architecture": "transformer"})
    topology_id = f"topology-{topology['id']}"
    me = f"user-{store.get('/users/me')['id']}"

    store.post(
        "/context",
        {
            "type": "system_metrics",
            "data": {"gpu_utilization": 0.87, "memory_usage_gb": 4.2, "temperature_c": 78},
            "topology_id": topology_id,
            "metadata": {"alert_level": "normal", "source": "nvidia-smi"},
        },
    )
    session = store.post(
        "/sessions",
        {"user_id": me, "session_type": "model_development", "metadata": {"project": "transformer-optimization"}},
    )
    store.post(
        "/annotations",
        {
            "target_id": topology_id,
            "target_type": "topology",
            "annotation": "Excellent performance on classification, poor on generation",
            "created_by": me,
            "tags": ["performance", "classification", "generation"],
        },
    )
    bulk = [
        {"type": "metric", "data": {"throughput": 1250, "latency_ms": 15}, "topology_id": topology_id}
        for _ in range(100)
    ]
    results = store.post("/context/batch", {"documents": bulk})["results"]
    assert all(result["status"] == "added" for result in results)

    assert len(store.get("/context", topology_id=topology["id"], limit=200)["items"]) == 101
    found = store.get("/context/search", q="gpu utilization", topology_id=topology["id"], limit=5)
    assert len(found["items"]) == 1
    print("Annotations:", store.get("/annotations", target_id=topology_id)["items"][0]["annotation"])
    store.post(f"/sessions/{session['id']}/end", {"summary": "Measured the classifier"})
