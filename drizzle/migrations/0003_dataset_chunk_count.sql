ALTER TABLE "datasets" ADD COLUMN "chunk_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "datasets" SET "chunk_count" = (SELECT count(*) FROM "semantic_chunks" WHERE "semantic_chunks"."dataset_id" = "datasets"."id");--> statement-breakpoint
CREATE INDEX "semantic_chunks_metadata_idx" ON "semantic_chunks" USING gin ("metadata" jsonb_path_ops);--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_chunk_count" CHECK ("datasets"."chunk_count" >= 0);