/**
 * With which chance something was chosen to be looked at: 1 where all such are, null where no rule of chance chose it. Never changed once
 * released: a further migration does that.
 */
export const reviewChances = `
ALTER TABLE attune.review_items ADD COLUMN chance double precision CHECK (chance > 0 AND chance <= 1);
ALTER TABLE attune.responses ADD COLUMN reason text;
ALTER TABLE attune.responses ADD COLUMN chance double precision CHECK (chance > 0 AND chance <= 1);
CREATE INDEX responses_audits ON attune.responses (suggestion_id) WHERE reason = 'audit';
`;
