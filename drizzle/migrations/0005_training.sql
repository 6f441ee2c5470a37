CREATE TABLE "metric_rollups" (
	"run_id" bigint NOT NULL,
	"series_id" bigint NOT NULL,
	"level" smallint NOT NULL,
	"bucket" bigint NOT NULL,
	"count" bigint NOT NULL,
	"finite_count" bigint NOT NULL,
	"sum" double precision NOT NULL,
	"min_value" double precision,
	"min_step" bigint,
	"max_value" double precision,
	"max_step" bigint,
	"odd_step" bigint,
	CONSTRAINT "metric_rollups_run_id_series_id_level_bucket_pk" PRIMARY KEY("run_id","series_id","level","bucket"),
	CONSTRAINT "metric_rollups_level" CHECK ("metric_rollups"."level" between 5 and 53)
);
--> statement-breakpoint
CREATE TABLE "run_datasets" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"run_id" bigint NOT NULL,
	"dataset_id" bigint NOT NULL,
	"version" integer,
	CONSTRAINT "run_datasets_run_id_dataset_id_pk" PRIMARY KEY("run_id","dataset_id"),
	CONSTRAINT "run_datasets_version" CHECK ("run_datasets"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "run_progress" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"run_id" bigint PRIMARY KEY NOT NULL,
	"revision" bigint DEFAULT 0 NOT NULL,
	"point_count" bigint DEFAULT 0 NOT NULL,
	"lease_seconds" integer NOT NULL,
	"lease_expires_at" timestamp (3) with time zone,
	CONSTRAINT "run_progress_lease" CHECK ("run_progress"."lease_seconds" between 1 and 604800)
);
--> statement-breakpoint
ALTER TABLE "training_runs" DROP CONSTRAINT "training_runs_workspace_id_dataset_id_datasets_workspace_id_id_fk";
--> statement-breakpoint
DROP INDEX "training_runs_dataset_idx";--> statement-breakpoint
ALTER TABLE "metric_points" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_series" ADD COLUMN "goal" text DEFAULT 'min' NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_series" ADD COLUMN "min_step" bigint;--> statement-breakpoint
ALTER TABLE "metric_series" ADD COLUMN "max_step" bigint;--> statement-breakpoint
ALTER TABLE "training_runs" ADD COLUMN "parent_run_id" bigint;--> statement-breakpoint
ALTER TABLE "training_runs" ADD COLUMN "goals" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_rollups" ADD CONSTRAINT "metric_rollups_run_id_series_id_metric_series_run_id_id_fk" FOREIGN KEY ("run_id","series_id") REFERENCES "public"."metric_series"("run_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_datasets" ADD CONSTRAINT "run_datasets_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_datasets" ADD CONSTRAINT "run_datasets_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_progress" ADD CONSTRAINT "run_progress_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_datasets_dataset_idx" ON "run_datasets" USING btree ("workspace_id","dataset_id","run_id");--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_parent_fk" FOREIGN KEY ("workspace_id","parent_run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE SET NULL ("parent_run_id") ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "metric_points_revision_idx" ON "metric_points" USING btree ("run_id","revision");--> statement-breakpoint
CREATE INDEX "metric_series_last_idx" ON "metric_series" USING btree ("workspace_id","key","last_value","run_id");--> statement-breakpoint
CREATE INDEX "metric_series_min_idx" ON "metric_series" USING btree ("workspace_id","key","min_value","run_id");--> statement-breakpoint
CREATE INDEX "metric_series_max_idx" ON "metric_series" USING btree ("workspace_id","key","max_value","run_id");--> statement-breakpoint
CREATE INDEX "training_runs_parent_idx" ON "training_runs" USING btree ("workspace_id","parent_run_id","id");--> statement-breakpoint
CREATE INDEX "training_runs_running_idx" ON "training_runs" USING btree ("id") WHERE status = 'running';--> statement-breakpoint
INSERT INTO "run_datasets" ("workspace_id", "created_by", "run_id", "dataset_id") SELECT "workspace_id", "created_by", "id", "dataset_id" FROM "training_runs" WHERE "dataset_id" IS NOT NULL;--> statement-breakpoint
INSERT INTO "run_progress" ("workspace_id", "created_by", "run_id", "lease_seconds") SELECT "workspace_id", "created_by", "id", 300 FROM "training_runs";--> statement-breakpoint
ALTER TABLE "run_progress" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "training_runs" DROP COLUMN "dataset_id";--> statement-breakpoint
ALTER TABLE "metric_series" ADD CONSTRAINT "metric_series_goal" CHECK ("metric_series"."goal" in ('min', 'max'));