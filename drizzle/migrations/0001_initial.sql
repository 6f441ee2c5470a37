CREATE TABLE "access_tokens" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"user_id" bigint NOT NULL,
	"name" text NOT NULL,
	"token_hash" text NOT NULL,
	"scope" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "access_tokens_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "access_tokens_hash_is_sha256" CHECK ("access_tokens"."token_hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "access_tokens_scope" CHECK ("access_tokens"."scope" in ('read', 'write', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"token_id" uuid,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "context_index" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"document_id" text NOT NULL,
	"revision" text NOT NULL,
	"topology_id" bigint,
	"type" text NOT NULL,
	"body" text NOT NULL,
	"document_at" timestamp (3) with time zone NOT NULL,
	"words" "tsvector" GENERATED ALWAYS AS (to_tsvector('english', body)) STORED NOT NULL,
	CONSTRAINT "context_index_workspace_id_document_id_pk" PRIMARY KEY("workspace_id","document_id")
);
--> statement-breakpoint
CREATE TABLE "follower_positions" (
	"database" text PRIMARY KEY NOT NULL,
	"sequence" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "datasets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "datasets_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "datasets_name_key" UNIQUE("workspace_id","name"),
	CONSTRAINT "datasets_name_length" CHECK (char_length("datasets"."name") between 1 and 200)
);
--> statement-breakpoint
CREATE TABLE "metric_points" (
	"run_id" bigint NOT NULL,
	"series_id" bigint NOT NULL,
	"step" bigint NOT NULL,
	"value" double precision NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "metric_points_run_id_series_id_step_pk" PRIMARY KEY("run_id","series_id","step"),
	CONSTRAINT "metric_points_step" CHECK ("metric_points"."step" >= 0)
);
--> statement-breakpoint
CREATE TABLE "metric_series" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "metric_series_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"run_id" bigint NOT NULL,
	"key" text NOT NULL,
	"count" bigint DEFAULT 0 NOT NULL,
	"last_step" bigint,
	"last_value" double precision,
	"min_value" double precision,
	"max_value" double precision,
	CONSTRAINT "metric_series_run_id_id_pk" PRIMARY KEY("run_id","id"),
	CONSTRAINT "metric_series_key" UNIQUE("run_id","key"),
	CONSTRAINT "metric_series_key_length" CHECK (char_length("metric_series"."key") between 1 and 250)
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "checkpoints_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"topology_id" bigint NOT NULL,
	"run_id" bigint,
	"name" text NOT NULL,
	"step" bigint,
	"object_id" uuid NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "checkpoints_name_key" UNIQUE("topology_id","name"),
	CONSTRAINT "checkpoints_step" CHECK ("checkpoints"."step" >= 0)
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"model_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"object_id" uuid NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"topology_id" bigint,
	"module_id" bigint,
	"run_id" bigint,
	CONSTRAINT "model_versions_model_id_version_pk" PRIMARY KEY("model_id","version"),
	CONSTRAINT "model_versions_version" CHECK ("model_versions"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "models_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"latest_version" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "models_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "models_name_key" UNIQUE("workspace_id","name"),
	CONSTRAINT "models_name_length" CHECK (char_length("models"."name") between 1 and 200)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"entity" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"available_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"parked_at" timestamp (3) with time zone,
	"last_error" text,
	CONSTRAINT "outbox_attempts" CHECK ("outbox"."attempts" >= 0)
);
--> statement-breakpoint
CREATE TABLE "qlora_modules" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "qlora_modules_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"topology_id" bigint NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"rank" integer NOT NULL,
	"alpha" double precision NOT NULL,
	"dropout" double precision DEFAULT 0 NOT NULL,
	"quantization_bits" integer,
	"target_modules" text[] NOT NULL,
	"base_model" text,
	"config" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "qlora_modules_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "qlora_modules_rank" CHECK ("qlora_modules"."rank" between 1 and 4096),
	CONSTRAINT "qlora_modules_alpha" CHECK ("qlora_modules"."alpha" > 0),
	CONSTRAINT "qlora_modules_dropout" CHECK ("qlora_modules"."dropout" >= 0 and "qlora_modules"."dropout" < 1),
	CONSTRAINT "qlora_modules_bits" CHECK ("qlora_modules"."quantization_bits" in (2, 3, 4, 8)),
	CONSTRAINT "qlora_modules_targets" CHECK (cardinality("qlora_modules"."target_modules") between 1 and 256)
);
--> statement-breakpoint
CREATE TABLE "semantic_chunks" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "semantic_chunks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"dataset_id" bigint NOT NULL,
	"content" text NOT NULL,
	"content_hash" text NOT NULL,
	"embedding" vector(384) NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "semantic_chunks_dataset_id_id_pk" PRIMARY KEY("dataset_id","id"),
	CONSTRAINT "semantic_chunks_content_key" UNIQUE("dataset_id","content_hash"),
	CONSTRAINT "semantic_chunks_content_not_empty" CHECK ("semantic_chunks"."content" <> ''),
	CONSTRAINT "semantic_chunks_hash_is_sha256" CHECK ("semantic_chunks"."content_hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "stored_objects" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"kind" text NOT NULL,
	"bucket" text NOT NULL,
	"key" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"content_type" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text NOT NULL,
	"upload_id" text,
	"part_size_bytes" bigint,
	"expires_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "stored_objects_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "stored_objects_key" UNIQUE("workspace_id","bucket","key"),
	CONSTRAINT "stored_objects_kind" CHECK ("stored_objects"."kind" in ('model', 'checkpoint', 'dataset_file', 'log', 'artifact')),
	CONSTRAINT "stored_objects_size" CHECK ("stored_objects"."size_bytes" between 0 and 5497558138880),
	CONSTRAINT "stored_objects_hash_is_sha256" CHECK ("stored_objects"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "stored_objects_status" CHECK (("stored_objects"."status" = 'ready' and "stored_objects"."completed_at" is not null) or ("stored_objects"."status" = 'pending' and "stored_objects"."expires_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "topologies" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "topologies_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"architecture" text NOT NULL,
	"config" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "topologies_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "topologies_name_length" CHECK (char_length("topologies"."name") between 1 and 200),
	CONSTRAINT "topologies_config_is_object" CHECK (jsonb_typeof("topologies"."config") = 'object')
);
--> statement-breakpoint
CREATE TABLE "training_runs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "training_runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"topology_id" bigint NOT NULL,
	"module_id" bigint,
	"dataset_id" bigint,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"notes" text DEFAULT '' NOT NULL,
	"code_version" text,
	"results" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"accuracy" double precision,
	"final_loss" double precision,
	"epochs" integer,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "training_runs_workspace_id_key" UNIQUE("workspace_id","id"),
	CONSTRAINT "training_runs_status" CHECK ("training_runs"."status" in ('running', 'completed', 'failed', 'lost')),
	CONSTRAINT "training_runs_finished" CHECK (("training_runs"."status" in ('completed', 'failed')) = ("training_runs"."finished_at" is not null)),
	CONSTRAINT "training_runs_accuracy" CHECK ("training_runs"."accuracy" between 0 and 1),
	CONSTRAINT "training_runs_epochs" CHECK ("training_runs"."epochs" >= 0)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "users_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"username" text NOT NULL,
	"email" text NOT NULL,
	"is_admin" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	CONSTRAINT "users_username_length" CHECK (char_length("users"."username") between 1 and 100),
	CONSTRAINT "users_email_has_at" CHECK ("users"."email" like '%_@_%' and char_length("users"."email") <= 320)
);
--> statement-breakpoint
CREATE TABLE "workspace_members" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"user_id" bigint NOT NULL,
	"role" text NOT NULL,
	CONSTRAINT "workspace_members_workspace_id_user_id_pk" PRIMARY KEY("workspace_id","user_id"),
	CONSTRAINT "workspace_members_role" CHECK ("workspace_members"."role" in ('owner', 'editor', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "workspaces_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"object_prefix" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	CONSTRAINT "workspaces_name_unique" UNIQUE("name"),
	CONSTRAINT "workspaces_object_prefix_unique" UNIQUE("object_prefix"),
	CONSTRAINT "workspaces_name_is_a_slug" CHECK ("workspaces"."name" ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	CONSTRAINT "workspaces_prefix_is_a_folder" CHECK ("workspaces"."object_prefix" = '' or "workspaces"."object_prefix" like '%/')
);
--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_workspace_id_user_id_workspace_members_workspace_id_user_id_fk" FOREIGN KEY ("workspace_id","user_id") REFERENCES "public"."workspace_members"("workspace_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "context_index" ADD CONSTRAINT "context_index_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_points" ADD CONSTRAINT "metric_points_run_id_series_id_metric_series_run_id_id_fk" FOREIGN KEY ("run_id","series_id") REFERENCES "public"."metric_series"("run_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_series" ADD CONSTRAINT "metric_series_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_workspace_id_topology_id_topologies_workspace_id_id_fk" FOREIGN KEY ("workspace_id","topology_id") REFERENCES "public"."topologies"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_workspace_id_object_id_stored_objects_workspace_id_id_fk" FOREIGN KEY ("workspace_id","object_id") REFERENCES "public"."stored_objects"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_object_id_stored_objects_workspace_id_id_fk" FOREIGN KEY ("workspace_id","object_id") REFERENCES "public"."stored_objects"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_topology_id_topologies_workspace_id_id_fk" FOREIGN KEY ("workspace_id","topology_id") REFERENCES "public"."topologies"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_module_id_qlora_modules_workspace_id_id_fk" FOREIGN KEY ("workspace_id","module_id") REFERENCES "public"."qlora_modules"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_run_id_training_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."training_runs"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD CONSTRAINT "qlora_modules_workspace_id_topology_id_topologies_workspace_id_id_fk" FOREIGN KEY ("workspace_id","topology_id") REFERENCES "public"."topologies"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD CONSTRAINT "qlora_modules_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "semantic_chunks" ADD CONSTRAINT "semantic_chunks_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "semantic_chunks" ADD CONSTRAINT "semantic_chunks_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD CONSTRAINT "stored_objects_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD CONSTRAINT "stored_objects_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "topologies" ADD CONSTRAINT "topologies_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "topologies" ADD CONSTRAINT "topologies_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_workspace_id_topology_id_topologies_workspace_id_id_fk" FOREIGN KEY ("workspace_id","topology_id") REFERENCES "public"."topologies"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_workspace_id_module_id_qlora_modules_workspace_id_id_fk" FOREIGN KEY ("workspace_id","module_id") REFERENCES "public"."qlora_modules"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_members" ADD CONSTRAINT "workspace_members_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_members" ADD CONSTRAINT "workspace_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_tokens_member_idx" ON "access_tokens" USING btree ("workspace_id","user_id");--> statement-breakpoint
CREATE INDEX "audit_log_list_idx" ON "audit_log" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_target_idx" ON "audit_log" USING btree ("workspace_id","target","id");--> statement-breakpoint
CREATE INDEX "context_index_words_idx" ON "context_index" USING gin ("words");--> statement-breakpoint
CREATE INDEX "context_index_document_idx" ON "context_index" USING btree ("document_id");--> statement-breakpoint
CREATE INDEX "checkpoints_list_idx" ON "checkpoints" USING btree ("workspace_id","topology_id","id");--> statement-breakpoint
CREATE INDEX "checkpoints_object_idx" ON "checkpoints" USING btree ("workspace_id","object_id");--> statement-breakpoint
CREATE INDEX "checkpoints_run_idx" ON "checkpoints" USING btree ("workspace_id","run_id");--> statement-breakpoint
CREATE INDEX "model_versions_object_idx" ON "model_versions" USING btree ("workspace_id","object_id");--> statement-breakpoint
CREATE INDEX "model_versions_topology_idx" ON "model_versions" USING btree ("workspace_id","topology_id");--> statement-breakpoint
CREATE INDEX "model_versions_module_idx" ON "model_versions" USING btree ("workspace_id","module_id");--> statement-breakpoint
CREATE INDEX "model_versions_run_idx" ON "model_versions" USING btree ("workspace_id","run_id");--> statement-breakpoint
CREATE INDEX "outbox_due_idx" ON "outbox" USING btree ("available_at","id") WHERE parked_at is null;--> statement-breakpoint
CREATE INDEX "outbox_entity_idx" ON "outbox" USING btree ("entity","id");--> statement-breakpoint
CREATE INDEX "qlora_modules_topology_idx" ON "qlora_modules" USING btree ("workspace_id","topology_id","id");--> statement-breakpoint
CREATE INDEX "stored_objects_list_idx" ON "stored_objects" USING btree ("workspace_id","kind","created_at","id");--> statement-breakpoint
CREATE INDEX "stored_objects_pending_idx" ON "stored_objects" USING btree ("expires_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "topologies_architecture_idx" ON "topologies" USING btree ("workspace_id","architecture","id");--> statement-breakpoint
CREATE INDEX "training_runs_topology_idx" ON "training_runs" USING btree ("workspace_id","topology_id","id");--> statement-breakpoint
CREATE INDEX "training_runs_module_idx" ON "training_runs" USING btree ("workspace_id","module_id");--> statement-breakpoint
CREATE INDEX "training_runs_dataset_idx" ON "training_runs" USING btree ("workspace_id","dataset_id");--> statement-breakpoint
CREATE INDEX "training_runs_status_idx" ON "training_runs" USING btree ("workspace_id","status","id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree (lower("username"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "workspace_members_user_idx" ON "workspace_members" USING btree ("user_id");