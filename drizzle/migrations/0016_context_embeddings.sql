CREATE TABLE "context_embeddings" (
	"workspace_id" bigint NOT NULL,
	"document_id" text NOT NULL,
	"revision" text NOT NULL,
	"model" text NOT NULL,
	"embedding" vector(384),
	CONSTRAINT "context_embeddings_workspace_id_document_id_pk" PRIMARY KEY("workspace_id","document_id")
);
--> statement-breakpoint
ALTER TABLE "context_embeddings" ADD CONSTRAINT "context_embeddings_document_fk" FOREIGN KEY ("workspace_id","document_id") REFERENCES "public"."context_index"("workspace_id","document_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "context_embeddings_embedding_idx" ON "context_embeddings" USING hnsw ("embedding" vector_cosine_ops);--> statement-breakpoint
CREATE INDEX "context_index_newest_idx" ON "context_index" USING btree ("workspace_id","document_at","document_id");--> statement-breakpoint
CREATE INDEX "context_index_updated_idx" ON "context_index" USING btree ("updated_at");