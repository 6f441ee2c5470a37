-- A run that diverged has no best loss: an infinite one is none, as NaN is none.
CREATE OR REPLACE FUNCTION scan_topology_figures(ids bigint[]) RETURNS SETOF topology_figures LANGUAGE sql STABLE AS $$
  SELECT t.id, t.workspace_id, runs.count, runs.completed, runs.accuracies, runs.accuracy_sum, runs.best_accuracy,
    runs.best_loss, runs.latest, modules.count, checkpoints.count, used.count, bytes.sum
  FROM topologies t
    CROSS JOIN LATERAL (
      SELECT count(*), count(*) FILTER (WHERE status = 'completed') AS completed,
        count(accuracy) FILTER (WHERE status = 'completed') AS accuracies,
        coalesce(sum(accuracy) FILTER (WHERE status = 'completed'), 0) AS accuracy_sum,
        max(accuracy) FILTER (WHERE status = 'completed') AS best_accuracy,
        min(final_loss) FILTER (
          WHERE status = 'completed' AND final_loss > '-Infinity' AND final_loss < 'Infinity') AS best_loss,
        max(created_at) AS latest
      FROM training_runs r WHERE r.workspace_id = t.workspace_id AND r.topology_id = t.id) runs
    CROSS JOIN LATERAL (
      SELECT count(*) FROM qlora_modules m WHERE m.workspace_id = t.workspace_id AND m.topology_id = t.id) modules
    CROSS JOIN LATERAL (
      SELECT count(*) FROM checkpoints c WHERE c.workspace_id = t.workspace_id AND c.topology_id = t.id) checkpoints
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT d.dataset_id) FROM training_runs r JOIN run_datasets d ON d.run_id = r.id
      WHERE r.workspace_id = t.workspace_id AND r.topology_id = t.id) used
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(o.size_bytes), 0)::bigint AS sum FROM stored_objects o WHERE o.id IN (
        SELECT object_id FROM checkpoints c WHERE c.workspace_id = t.workspace_id AND c.topology_id = t.id
        UNION SELECT object_id FROM model_versions v WHERE v.workspace_id = t.workspace_id AND v.topology_id = t.id)) bytes
  WHERE t.id = ANY (ids)
$$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION keep_run_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM refresh_topology_figures(array(SELECT DISTINCT topology_id FROM gone));
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- A run that was completed stays as it is. Should one change all the same, its topology is worked out anew.
    PERFORM refresh_topology_figures(array_agg(DISTINCT changed.topology_id)) FROM (
      SELECT unnest(array[gone.topology_id, given.topology_id]) AS topology_id FROM gone JOIN given USING (id)
      WHERE gone.topology_id <> given.topology_id OR gone.status = 'completed'
        AND (gone.status, gone.accuracy, gone.final_loss) IS DISTINCT FROM (given.status, given.accuracy, given.final_loss)
    ) AS changed HAVING count(*) > 0;
    IF FOUND THEN RETURN NULL; END IF;
    UPDATE topology_figures f SET completed_run_count = f.completed_run_count + d.completed,
      accuracy_count = f.accuracy_count + d.accuracies, accuracy_sum = f.accuracy_sum + d.accuracy_sum,
      best_accuracy = greatest(f.best_accuracy, d.best_accuracy), best_loss = least(f.best_loss, d.best_loss)
    FROM (
      SELECT given.topology_id, count(*) AS completed, count(given.accuracy) AS accuracies,
        coalesce(sum(given.accuracy), 0) AS accuracy_sum, max(given.accuracy) AS best_accuracy,
        min(given.final_loss) FILTER (WHERE given.final_loss > '-Infinity' AND given.final_loss < 'Infinity') AS best_loss
      FROM given JOIN gone USING (id) WHERE given.status = 'completed' AND gone.status <> 'completed'
      GROUP BY given.topology_id) d
    WHERE f.topology_id = d.topology_id;
    RETURN NULL;
  END IF;
  UPDATE topology_figures f SET run_count = f.run_count + d.runs,
    completed_run_count = f.completed_run_count + d.completed, accuracy_count = f.accuracy_count + d.accuracies,
    accuracy_sum = f.accuracy_sum + d.accuracy_sum, best_accuracy = greatest(f.best_accuracy, d.best_accuracy),
    best_loss = least(f.best_loss, d.best_loss), latest_run_at = greatest(f.latest_run_at, d.latest)
  FROM (
    SELECT topology_id, count(*) AS runs, count(*) FILTER (WHERE status = 'completed') AS completed,
      count(accuracy) FILTER (WHERE status = 'completed') AS accuracies,
      coalesce(sum(accuracy) FILTER (WHERE status = 'completed'), 0) AS accuracy_sum,
      max(accuracy) FILTER (WHERE status = 'completed') AS best_accuracy,
      min(final_loss) FILTER (
        WHERE status = 'completed' AND final_loss > '-Infinity' AND final_loss < 'Infinity') AS best_loss,
      max(created_at) AS latest
    FROM given GROUP BY topology_id) d
  WHERE f.topology_id = d.topology_id;
  RETURN NULL;
END $$;--> statement-breakpoint
SELECT refresh_topology_figures(array(SELECT topology_id FROM topology_figures WHERE best_loss IN ('Infinity', '-Infinity')));
