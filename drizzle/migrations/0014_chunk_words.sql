-- The words of a chunk are stored: a search ranks every row that has them, and to parse the text of each again took seconds
-- where a word is common. An insert parses a text once, as the index on the expression did.
DROP INDEX "semantic_chunks_words_idx";--> statement-breakpoint
-- A vector stays in its row. Out of line, as PostgreSQL puts what makes a row longer than 2 KB, each comparison of an exact
-- search looked it up by the index of another table. Rows of a usual chunk, of up to 4 KB, stay whole: two on a page.
ALTER TABLE "semantic_chunks" ALTER COLUMN "embedding" SET STORAGE PLAIN;--> statement-breakpoint
ALTER TABLE "semantic_chunks" SET (toast_tuple_target = 4080);--> statement-breakpoint
-- Writes the table and its indexes anew, rows that are there included.
ALTER TABLE "semantic_chunks" ADD COLUMN "words" "tsvector" GENERATED ALWAYS AS (to_tsvector('english', content)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "semantic_chunks_words_idx" ON "semantic_chunks" USING gin ("words");
