CREATE TABLE "outbox_places" (
	"place" text NOT NULL,
	"effect_id" bigint NOT NULL,
	CONSTRAINT "outbox_places_place_effect_id_pk" PRIMARY KEY("place","effect_id")
);
--> statement-breakpoint
ALTER TABLE "outbox_places" ADD CONSTRAINT "outbox_places_effect_id_outbox_id_fk" FOREIGN KEY ("effect_id") REFERENCES "public"."outbox"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "outbox_places_effect_idx" ON "outbox_places" USING btree ("effect_id");