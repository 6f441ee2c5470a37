DROP INDEX "users_username_key";--> statement-breakpoint
-- Of whom an owner's invitation let in, an owner may know the password: nobody vouches for them until an admin does again.
UPDATE "users" SET "email_verified" = false WHERE "email_verified" AND EXISTS (
  SELECT FROM "invitations" i LEFT JOIN "users" maker ON maker."id" = i."created_by"
  WHERE lower(i."email") = lower("users"."email") AND i."accepted_at" IS NOT NULL AND maker."is_admin" IS NOT TRUE
);
