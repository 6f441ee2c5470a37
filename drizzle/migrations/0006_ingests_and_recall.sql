CREATE TABLE "dataset_ingest_chunks" (
	"ingest_id" bigint NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "dataset_ingest_chunks_ingest_id_content_hash_pk" PRIMARY KEY("ingest_id","content_hash")
);
--> statement-breakpoint
CREATE TABLE "dataset_ingest_refusals" (
	"ingest_id" bigint NOT NULL,
	"line" bigint NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "dataset_ingest_refusals_ingest_id_line_pk" PRIMARY KEY("ingest_id","line")
);
--> statement-breakpoint
CREATE TABLE "dataset_ingests" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dataset_ingests_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"dataset_id" bigint NOT NULL,
	"object_id" uuid NOT NULL,
	"object_key" text NOT NULL,
	"object_sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"status" text NOT NULL,
	"line_count" bigint DEFAULT 0 NOT NULL,
	"bytes_read" bigint DEFAULT 0 NOT NULL,
	"new_count" bigint DEFAULT 0 NOT NULL,
	"refused_count" bigint DEFAULT 0 NOT NULL,
	"error" text,
	"version" integer,
	"content_sha256" text,
	"chunk_count" bigint,
	"claimed_by" uuid,
	"claimed_until" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"available_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "dataset_ingests_version_key" UNIQUE("dataset_id","version"),
	CONSTRAINT "dataset_ingests_status" CHECK ("dataset_ingests"."status" in ('running', 'done', 'failed')),
	CONSTRAINT "dataset_ingests_version" CHECK (("dataset_ingests"."status" = 'done') = ("dataset_ingests"."version" is not null))
);
--> statement-breakpoint
CREATE TABLE "dataset_recalls" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dataset_recalls_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" bigint,
	"dataset_id" bigint NOT NULL,
	"k" integer NOT NULL,
	"ef_search" integer NOT NULL,
	"recall" double precision NOT NULL,
	"sample_count" integer NOT NULL,
	"chunk_count" bigint NOT NULL,
	"median_ms" double precision NOT NULL,
	"p95_ms" double precision NOT NULL,
	"exact_median_ms" double precision NOT NULL,
	CONSTRAINT "dataset_recalls_recall" CHECK ("dataset_recalls"."recall" between 0 and 1)
);
--> statement-breakpoint
ALTER TABLE "dataset_ingest_chunks" ADD CONSTRAINT "dataset_ingest_chunks_ingest_id_dataset_ingests_id_fk" FOREIGN KEY ("ingest_id") REFERENCES "public"."dataset_ingests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_ingest_refusals" ADD CONSTRAINT "dataset_ingest_refusals_ingest_id_dataset_ingests_id_fk" FOREIGN KEY ("ingest_id") REFERENCES "public"."dataset_ingests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_ingests" ADD CONSTRAINT "dataset_ingests_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_ingests" ADD CONSTRAINT "dataset_ingests_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_recalls" ADD CONSTRAINT "dataset_recalls_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_recalls" ADD CONSTRAINT "dataset_recalls_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dataset_ingests_list_idx" ON "dataset_ingests" USING btree ("dataset_id","id");--> statement-breakpoint
CREATE INDEX "dataset_ingests_due_idx" ON "dataset_ingests" USING btree ("available_at","id") WHERE status = 'running';--> statement-breakpoint
CREATE INDEX "dataset_recalls_idx" ON "dataset_recalls" USING btree ("dataset_id","id");