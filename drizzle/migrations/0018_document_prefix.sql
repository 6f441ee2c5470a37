--> statement-breakpoint
-- Who has followed CouchDB before this has had its databases by their plain names.
UPDATE "installation" SET "document_prefix" = '' WHERE EXISTS (SELECT FROM "follower_positions" WHERE "database" <> 'embeddings');
