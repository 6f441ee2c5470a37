-- Nearest neighbours by cosine distance. HNSW, not ivfflat, whose centroids mean nothing on an empty table.
CREATE INDEX semantic_chunks_embedding_idx ON semantic_chunks USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);--> statement-breakpoint
-- Chunks by their words. The expression must stand in the query as it stands here.
CREATE INDEX semantic_chunks_words_idx ON semantic_chunks USING gin (to_tsvector('english', content));
