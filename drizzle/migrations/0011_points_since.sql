DROP INDEX "metric_points_revision_idx";--> statement-breakpoint
CREATE INDEX "metric_points_since_idx" ON "metric_points" USING btree (("run_id" + 0),"revision");