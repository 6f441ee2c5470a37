CREATE TABLE "run_params" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"run_id" bigint NOT NULL,
	"path" text NOT NULL,
	"number" double precision,
	"text" text NOT NULL,
	CONSTRAINT "run_params_run_id_path_pk" PRIMARY KEY("run_id","path")
);
--> statement-breakpoint
ALTER TABLE "run_params" ADD CONSTRAINT "run_params_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_params_number_idx" ON "run_params" USING btree ("workspace_id","path","number","run_id");--> statement-breakpoint
CREATE INDEX "run_params_text_idx" ON "run_params" USING btree ("workspace_id","path","text","run_id");--> statement-breakpoint
CREATE INDEX "training_runs_accuracy_idx" ON "training_runs" USING btree ("workspace_id","accuracy","id");--> statement-breakpoint
CREATE INDEX "training_runs_loss_idx" ON "training_runs" USING btree ("workspace_id","final_loss","id");--> statement-breakpoint
CREATE INDEX "training_runs_epochs_idx" ON "training_runs" USING btree ("workspace_id","epochs","id");--> statement-breakpoint
CREATE INDEX "training_runs_started_idx" ON "training_runs" USING btree ("workspace_id","started_at","id");--> statement-breakpoint
CREATE INDEX "training_runs_finished_idx" ON "training_runs" USING btree ("workspace_id","finished_at","id");--> statement-breakpoint
CREATE INDEX "training_runs_name_idx" ON "training_runs" USING btree ("workspace_id","name","id");--> statement-breakpoint
CREATE INDEX "training_runs_tags_idx" ON "training_runs" USING gin ("tags");--> statement-breakpoint
INSERT INTO "run_params" ("workspace_id", "created_by", "run_id", "path", "number", "text")
SELECT r."workspace_id", r."created_by", r."id", p."key", CASE WHEN jsonb_typeof(r."params" -> p."key") = 'number' THEN p."value"::float8 END, left(p."value", 200)
FROM "training_runs" r, jsonb_each_text(r."params") p
WHERE jsonb_typeof(r."params" -> p."key") NOT IN ('object', 'array', 'null') AND char_length(p."key") BETWEEN 1 AND 250;
