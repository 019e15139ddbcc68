/** Small copies of pictures that were sent. Never changed once released: a further migration does that. */
export const pictures = `
CREATE TABLE attune.pictures (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  content_hash text COLLATE "C" NOT NULL,
  jpeg text NOT NULL,
  UNIQUE (product_id, content_hash)
);
CREATE INDEX pictures_content ON attune.pictures (content_hash);
`;
