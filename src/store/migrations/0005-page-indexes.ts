/** What pages by supplier and category, and what a person has of the queue, are found by in a large store. */
export const pageIndexes = `
CREATE INDEX products_supplier_category ON attune.products (supplier, category, id);
CREATE INDEX review_queue_leased ON attune.review_queue (leased_to, priority DESC, product_id) WHERE leased_to IS NOT NULL;
`;
