-- The audit log is appended to, and nothing else: not by the application's own role either. Only the retention may take
-- entries, by saying in its transaction from when on it keeps them, and never those of the last day.
CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept_since timestamptz := nullif(current_setting('nexus.audit_retention', true), '')::timestamptz;
BEGIN
  IF TG_OP = 'DELETE' AND kept_since IS NOT NULL AND kept_since <= now() - interval '1 day' AND OLD.created_at < kept_since THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit log is append-only; % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_append_only();--> statement-breakpoint
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();
