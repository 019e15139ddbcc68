/** How far each product has come in each stream of changes. Never changed once released: a further migration does that. */
export const streamPositions = `
CREATE TABLE attune.stream_positions (
  stream text COLLATE "C" NOT NULL,
  product_id text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (stream, product_id)
);
`;
