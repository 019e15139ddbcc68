/**
 * That an answer was drawn for an audit stands apart from why else people look at it; what was suggested says its kind and unit; an answer
 * keeps what spoke for asking. Never changed once released: a further migration does that.
 */
export const auditsApart = `
ALTER TABLE attune.suggestions ADD COLUMN kind text;
ALTER TABLE attune.suggestions ADD COLUMN unit text;
ALTER TABLE attune.review_items ADD COLUMN audit double precision CHECK (audit > 0 AND audit <= 1);
ALTER TABLE attune.responses ADD COLUMN audit double precision CHECK (audit > 0 AND audit <= 1);
ALTER TABLE attune.responses ADD COLUMN evidence jsonb;
DROP INDEX attune.responses_audits;
CREATE INDEX responses_audits ON attune.responses (suggestion_id) WHERE audit IS NOT NULL;
CREATE INDEX alerts_model ON attune.alerts ((details->>'model'), (details->>'version'), id);
`;

/** For records of before, those of a backup too. */
export const auditsApartFilled = `
UPDATE attune.review_items SET audit = chance WHERE reason = 'audit' AND audit IS NULL;
UPDATE attune.responses SET audit = chance WHERE reason = 'audit' AND audit IS NULL;
UPDATE attune.suggestions s SET unit = p.unit FROM attune.predictions p
  WHERE s.unit IS NULL AND p.unit IS NOT NULL AND p.product_id = s.product_id AND p.attribute = s.attribute;
`;
