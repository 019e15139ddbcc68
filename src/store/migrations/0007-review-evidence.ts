/** What speaks for looking at an item of the queue. Never changed once released: a further migration does that. */
export const reviewEvidence = `
ALTER TABLE attune.review_items ADD COLUMN evidence jsonb;
CREATE INDEX events_session ON attune.events (session, at) WHERE session IS NOT NULL;
`;
