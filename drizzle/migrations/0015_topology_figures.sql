CREATE TABLE "topology_datasets" (
	"topology_id" bigint NOT NULL,
	"dataset_id" bigint NOT NULL,
	"uses" integer NOT NULL,
	CONSTRAINT "topology_datasets_topology_id_dataset_id_pk" PRIMARY KEY("topology_id","dataset_id")
);
--> statement-breakpoint
CREATE TABLE "topology_figures" (
	"topology_id" bigint PRIMARY KEY NOT NULL,
	"workspace_id" bigint NOT NULL,
	"run_count" bigint DEFAULT 0 NOT NULL,
	"completed_run_count" bigint DEFAULT 0 NOT NULL,
	"accuracy_count" bigint DEFAULT 0 NOT NULL,
	"accuracy_sum" double precision DEFAULT 0 NOT NULL,
	"best_accuracy" double precision,
	"best_loss" double precision,
	"latest_run_at" timestamp (3) with time zone,
	"module_count" bigint DEFAULT 0 NOT NULL,
	"checkpoint_count" bigint DEFAULT 0 NOT NULL,
	"dataset_count" bigint DEFAULT 0 NOT NULL,
	"storage_bytes" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "topology_objects" (
	"topology_id" bigint NOT NULL,
	"object_id" uuid NOT NULL,
	"uses" integer NOT NULL,
	CONSTRAINT "topology_objects_topology_id_object_id_pk" PRIMARY KEY("topology_id","object_id")
);
--> statement-breakpoint
ALTER TABLE "topology_datasets" ADD CONSTRAINT "topology_datasets_topology_id_topologies_id_fk" FOREIGN KEY ("topology_id") REFERENCES "public"."topologies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "topology_figures" ADD CONSTRAINT "topology_figures_topology_fk" FOREIGN KEY ("workspace_id","topology_id") REFERENCES "public"."topologies"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "topology_objects" ADD CONSTRAINT "topology_objects_topology_id_topologies_id_fk" FOREIGN KEY ("topology_id") REFERENCES "public"."topologies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "training_runs_trend_idx" ON "training_runs" USING btree ("topology_id","id") WHERE status = 'completed' and accuracy is not null;--> statement-breakpoint
-- What the rows themselves say: for the figures of topologies that were there before, after a run went, and to check by.
CREATE FUNCTION scan_topology_figures(ids bigint[]) RETURNS SETOF topology_figures LANGUAGE sql STABLE AS $$
  SELECT t.id, t.workspace_id, runs.count, runs.completed, runs.accuracies, runs.accuracy_sum, runs.best_accuracy,
    runs.best_loss, runs.latest, modules.count, checkpoints.count, used.count, bytes.sum
  FROM topologies t
    CROSS JOIN LATERAL (
      SELECT count(*), count(*) FILTER (WHERE status = 'completed') AS completed,
        count(accuracy) FILTER (WHERE status = 'completed') AS accuracies,
        coalesce(sum(accuracy) FILTER (WHERE status = 'completed'), 0) AS accuracy_sum,
        max(accuracy) FILTER (WHERE status = 'completed') AS best_accuracy,
        min(final_loss) FILTER (WHERE status = 'completed' AND final_loss <> 'NaN') AS best_loss, max(created_at) AS latest
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
CREATE FUNCTION refresh_topology_figures(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- What others add meanwhile waits for this lock, and comes on top.
  PERFORM 1 FROM topology_figures WHERE topology_id = ANY (ids) ORDER BY topology_id FOR UPDATE;
  DELETE FROM topology_datasets WHERE topology_id = ANY (ids);
  INSERT INTO topology_datasets (topology_id, dataset_id, uses)
    SELECT t.id, d.dataset_id, count(*) FROM topologies t
      JOIN training_runs r ON r.workspace_id = t.workspace_id AND r.topology_id = t.id
      JOIN run_datasets d ON d.run_id = r.id
    WHERE t.id = ANY (ids) GROUP BY 1, 2;
  DELETE FROM topology_objects WHERE topology_id = ANY (ids);
  INSERT INTO topology_objects (topology_id, object_id, uses)
    SELECT t.id, o.object_id, count(*) FROM topologies t CROSS JOIN LATERAL (
      SELECT object_id FROM checkpoints c WHERE c.workspace_id = t.workspace_id AND c.topology_id = t.id
      UNION ALL SELECT object_id FROM model_versions v WHERE v.workspace_id = t.workspace_id AND v.topology_id = t.id) o
    WHERE t.id = ANY (ids) GROUP BY 1, 2;
  INSERT INTO topology_figures SELECT * FROM scan_topology_figures(ids)
    ON CONFLICT (topology_id) DO UPDATE SET run_count = excluded.run_count,
      completed_run_count = excluded.completed_run_count, accuracy_count = excluded.accuracy_count,
      accuracy_sum = excluded.accuracy_sum, best_accuracy = excluded.best_accuracy, best_loss = excluded.best_loss,
      latest_run_at = excluded.latest_run_at, module_count = excluded.module_count,
      checkpoint_count = excluded.checkpoint_count, dataset_count = excluded.dataset_count,
      storage_bytes = excluded.storage_bytes;
END $$;--> statement-breakpoint
CREATE FUNCTION keep_topology_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO topology_figures (topology_id, workspace_id) SELECT id, workspace_id FROM given;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_figures AFTER INSERT ON topologies REFERENCING NEW TABLE AS given
  FOR EACH STATEMENT EXECUTE FUNCTION keep_topology_figures();--> statement-breakpoint
CREATE FUNCTION keep_run_figures() RETURNS trigger LANGUAGE plpgsql AS $$
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
        min(given.final_loss) FILTER (WHERE given.final_loss <> 'NaN') AS best_loss
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
      min(final_loss) FILTER (WHERE status = 'completed' AND final_loss <> 'NaN') AS best_loss, max(created_at) AS latest
    FROM given GROUP BY topology_id) d
  WHERE f.topology_id = d.topology_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_figures_insert AFTER INSERT ON training_runs REFERENCING NEW TABLE AS given
  FOR EACH STATEMENT EXECUTE FUNCTION keep_run_figures();--> statement-breakpoint
CREATE TRIGGER keep_figures_update AFTER UPDATE ON training_runs REFERENCING OLD TABLE AS gone NEW TABLE AS given
  FOR EACH STATEMENT EXECUTE FUNCTION keep_run_figures();--> statement-breakpoint
CREATE TRIGGER keep_figures_delete AFTER DELETE ON training_runs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION keep_run_figures();--> statement-breakpoint
-- Rows of run_datasets go with their run alone, which its own trigger counts.
CREATE FUNCTION keep_dataset_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH used AS (
    SELECT r.topology_id, given.dataset_id, count(*)::int AS uses
    FROM given JOIN training_runs r ON r.id = given.run_id GROUP BY 1, 2 ORDER BY 1, 2
  ), kept AS (
    INSERT INTO topology_datasets AS k (topology_id, dataset_id, uses) SELECT topology_id, dataset_id, uses FROM used
      ON CONFLICT (topology_id, dataset_id) DO UPDATE SET uses = k.uses + excluded.uses
      RETURNING k.topology_id, k.xmax = 0 AS is_new
  )
  UPDATE topology_figures f SET dataset_count = f.dataset_count + d.count
  FROM (SELECT topology_id, count(*) FROM kept WHERE is_new GROUP BY topology_id) d WHERE f.topology_id = d.topology_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_figures AFTER INSERT ON run_datasets REFERENCING NEW TABLE AS given
  FOR EACH STATEMENT EXECUTE FUNCTION keep_dataset_figures();--> statement-breakpoint
CREATE FUNCTION keep_module_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE topology_figures f SET module_count = f.module_count + d.count * TG_ARGV[0]::int
  FROM (SELECT topology_id, count(*) FROM changed GROUP BY topology_id) d WHERE f.topology_id = d.topology_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_figures_insert AFTER INSERT ON qlora_modules REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_module_figures('1');--> statement-breakpoint
CREATE TRIGGER keep_figures_delete AFTER DELETE ON qlora_modules REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_module_figures('-1');--> statement-breakpoint
-- An object counts once for a topology, however many checkpoints and versions need it.
CREATE FUNCTION use_topology_object(of_topology bigint, of_object uuid, change int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  uses_before int;
  bytes bigint;
BEGIN
  PERFORM 1 FROM topology_figures WHERE topology_id = of_topology FOR UPDATE;
  -- The topology is going, and with it all that is kept of it.
  IF NOT FOUND THEN RETURN; END IF;
  SELECT uses INTO uses_before FROM topology_objects WHERE topology_id = of_topology AND object_id = of_object;
  uses_before := coalesce(uses_before, 0);
  IF uses_before + change > 0 THEN
    INSERT INTO topology_objects (topology_id, object_id, uses) VALUES (of_topology, of_object, change)
      ON CONFLICT (topology_id, object_id) DO UPDATE SET uses = topology_objects.uses + change;
  ELSE
    DELETE FROM topology_objects WHERE topology_id = of_topology AND object_id = of_object;
  END IF;
  IF (uses_before > 0) <> (uses_before + change > 0) THEN
    SELECT size_bytes INTO bytes FROM stored_objects WHERE id = of_object;
    UPDATE topology_figures SET storage_bytes = storage_bytes + sign(change) * coalesce(bytes, 0)
      WHERE topology_id = of_topology;
  END IF;
END $$;--> statement-breakpoint
CREATE FUNCTION keep_object_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('UPDATE', 'DELETE') AND OLD.topology_id IS NOT NULL THEN
    PERFORM use_topology_object(OLD.topology_id, OLD.object_id, -1);
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') AND NEW.topology_id IS NOT NULL THEN
    PERFORM use_topology_object(NEW.topology_id, NEW.object_id, 1);
  END IF;
  IF TG_TABLE_NAME = 'checkpoints' AND TG_OP = 'INSERT' THEN
    UPDATE topology_figures SET checkpoint_count = checkpoint_count + 1 WHERE topology_id = NEW.topology_id;
  ELSIF TG_TABLE_NAME = 'checkpoints' AND TG_OP = 'DELETE' THEN
    UPDATE topology_figures SET checkpoint_count = checkpoint_count - 1 WHERE topology_id = OLD.topology_id;
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_figures AFTER INSERT OR DELETE ON checkpoints
  FOR EACH ROW EXECUTE FUNCTION keep_object_figures();--> statement-breakpoint
CREATE TRIGGER keep_figures AFTER INSERT OR DELETE ON model_versions
  FOR EACH ROW EXECUTE FUNCTION keep_object_figures();--> statement-breakpoint
CREATE TRIGGER keep_figures_update AFTER UPDATE OF topology_id, object_id ON model_versions
  FOR EACH ROW EXECUTE FUNCTION keep_object_figures();--> statement-breakpoint
SELECT refresh_topology_figures(array(SELECT id FROM topologies));
