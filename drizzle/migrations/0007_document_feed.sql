CREATE SEQUENCE "public"."document_feed_positions" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "document_feed" (
	"database" text NOT NULL,
	"document_id" text NOT NULL,
	"workspace_id" bigint NOT NULL,
	"revision" text NOT NULL,
	"scope" text NOT NULL,
	"position" bigint NOT NULL,
	"is_deleted" boolean DEFAULT false NOT NULL,
	CONSTRAINT "document_feed_database_document_id_pk" PRIMARY KEY("database","document_id")
);
--> statement-breakpoint
ALTER TABLE "context_index" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "context_index" ADD COLUMN "author" text;--> statement-breakpoint
ALTER TABLE "context_index" ADD COLUMN "priority" text;--> statement-breakpoint
ALTER TABLE "document_feed" ADD CONSTRAINT "document_feed_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "document_feed_database_idx" ON "document_feed" USING btree ("workspace_id","database","position");--> statement-breakpoint
CREATE INDEX "document_feed_scope_idx" ON "document_feed" USING btree ("workspace_id","scope","position");--> statement-breakpoint
-- Tags, authors and priorities of what is indexed come from its documents: the followers read them once more.
UPDATE "context_index" SET "revision" = '0-0';--> statement-breakpoint
DELETE FROM "follower_positions";
