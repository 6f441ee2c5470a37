CREATE TABLE "model_aliases" (
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"model_id" bigint NOT NULL,
	"alias" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "model_aliases_model_id_alias_pk" PRIMARY KEY("model_id","alias"),
	CONSTRAINT "model_aliases_alias" CHECK ("model_aliases"."alias" ~ '^[a-z][a-z0-9_-]{0,62}$')
);
--> statement-breakpoint
CREATE TABLE "upload_part_hashes" (
	"object_id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"sha256s" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD COLUMN "weights_object_id" uuid;--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD COLUMN "config_object_id" uuid;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD COLUMN "stored_bucket" text;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD COLUMN "stored_key" text;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD COLUMN "parts_sha256" text;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD COLUMN "contents" jsonb;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "stored_objects" SET "stored_bucket" = "bucket", "stored_key" = "key", "completed_at" = CASE WHEN "status" = 'ready' THEN "completed_at" END;--> statement-breakpoint
ALTER TABLE "stored_objects" ALTER COLUMN "stored_bucket" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "stored_objects" ALTER COLUMN "stored_key" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_model_id_version_model_versions_model_id_version_fk" FOREIGN KEY ("model_id","version") REFERENCES "public"."model_versions"("model_id","version") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload_part_hashes" ADD CONSTRAINT "upload_part_hashes_workspace_id_object_id_stored_objects_workspace_id_id_fk" FOREIGN KEY ("workspace_id","object_id") REFERENCES "public"."stored_objects"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload_part_hashes" ADD CONSTRAINT "upload_part_hashes_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD CONSTRAINT "qlora_modules_workspace_id_weights_object_id_stored_objects_workspace_id_id_fk" FOREIGN KEY ("workspace_id","weights_object_id") REFERENCES "public"."stored_objects"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "qlora_modules" ADD CONSTRAINT "qlora_modules_workspace_id_config_object_id_stored_objects_workspace_id_id_fk" FOREIGN KEY ("workspace_id","config_object_id") REFERENCES "public"."stored_objects"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "qlora_modules_weights_idx" ON "qlora_modules" USING btree ("workspace_id","weights_object_id");--> statement-breakpoint
CREATE INDEX "qlora_modules_config_idx" ON "qlora_modules" USING btree ("workspace_id","config_object_id");--> statement-breakpoint
CREATE INDEX "stored_objects_bytes_idx" ON "stored_objects" USING btree ("workspace_id","sha256","size_bytes");--> statement-breakpoint
CREATE INDEX "stored_objects_stored_idx" ON "stored_objects" USING btree ("workspace_id","stored_bucket","stored_key");--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_name_is_no_folder" CHECK ("workspaces"."name" not in ('models', 'checkpoints', 'datasets', 'logs', 'artifacts', 'uploads'));