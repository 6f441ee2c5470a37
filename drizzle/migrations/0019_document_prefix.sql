ALTER TABLE "installation" ADD COLUMN "document_prefix" text;--> statement-breakpoint
ALTER TABLE "installation" ADD CONSTRAINT "installation_prefix" CHECK ("installation"."document_prefix" in ('', 'nexus-' || "installation"."id" || '-'));--> statement-breakpoint
-- Who has followed CouchDB before this has had its databases by their plain names.
UPDATE "installation" SET "document_prefix" = '' WHERE EXISTS (SELECT FROM "follower_positions" WHERE "database" <> 'embeddings');
