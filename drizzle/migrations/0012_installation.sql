CREATE TABLE "installation" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"object_folder" text,
	CONSTRAINT "installation_is_one" CHECK ("installation"."is_only"),
	CONSTRAINT "installation_folder" CHECK ("installation"."object_folder" in ('', '~' || "installation"."id" || '/'))
);
--> statement-breakpoint
-- Where there are workspaces already, their objects lie at the root of the buckets.
INSERT INTO "installation" ("object_folder") SELECT CASE WHEN EXISTS (SELECT 1 FROM "workspaces") THEN '' END;
