ALTER TABLE "dataset_ingests" ALTER COLUMN "object_sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "stored_objects" ALTER COLUMN "sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_ingests" ADD COLUMN "object_parts_sha256" text;--> statement-breakpoint
CREATE INDEX "stored_objects_parts_idx" ON "stored_objects" USING btree ("workspace_id","parts_sha256","size_bytes") WHERE parts_sha256 is not null;--> statement-breakpoint
ALTER TABLE "stored_objects" ADD CONSTRAINT "stored_objects_parts_hash_is_sha256" CHECK ("stored_objects"."parts_sha256" ~ '^[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "stored_objects" ADD CONSTRAINT "stored_objects_has_hash" CHECK ("stored_objects"."sha256" is not null or ("stored_objects"."parts_sha256" is not null and "stored_objects"."size_bytes" > 16777216));--> statement-breakpoint
-- The store had checked the parts of these; their whole was believed. No hash stands that nobody computed of the bytes.
UPDATE "stored_objects" SET "sha256" = NULL WHERE "status" = 'ready' AND "parts_sha256" IS NOT NULL;--> statement-breakpoint
UPDATE "dataset_ingests" i SET "object_sha256" = o."sha256", "object_parts_sha256" = o."parts_sha256" FROM "stored_objects" o WHERE o."workspace_id" = i."workspace_id" AND o."id" = i."object_id";--> statement-breakpoint
-- Of a file that is gone, nobody can tell any more which it was.
UPDATE "dataset_ingests" i SET "object_sha256" = NULL WHERE i."size_bytes" > 16777216 AND NOT EXISTS (SELECT 1 FROM "stored_objects" o WHERE o."workspace_id" = i."workspace_id" AND o."id" = i."object_id");
