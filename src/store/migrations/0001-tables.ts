/**
 * The first tables. A migration that was released is never changed: what comes later is another one.
 *
 * Texts that are looked up are compared byte by byte (COLLATE "C"): quicker, and in the same order on every machine.
 */
const PREDICTION_COLUMNS = `
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  attribute text COLLATE "C" NOT NULL,
  model text NOT NULL,
  version text COLLATE "C" NOT NULL,
  value jsonb,
  unit text,
  not_applicable boolean NOT NULL,
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  status text NOT NULL CHECK (status IN ('auto', 'review', 'abstain')),
  source text NOT NULL,
  evidence jsonb NOT NULL,
  alternatives jsonb NOT NULL,
  content_hash text NOT NULL,
  at timestamptz(3) NOT NULL`;

export const tables = `
CREATE TABLE attune.products (
  id text COLLATE "C" PRIMARY KEY,
  content_hash text NOT NULL,
  supplier text COLLATE "C",
  category text COLLATE "C",
  locale text,
  fields jsonb NOT NULL,
  created timestamptz(3) NOT NULL,
  updated timestamptz(3) NOT NULL
);
CREATE INDEX products_category ON attune.products (category, id);
CREATE INDEX products_supplier ON attune.products (supplier, id);

CREATE TABLE attune.media (
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  field text NOT NULL,
  place integer NOT NULL,
  reference text NOT NULL,
  content_hash text,
  PRIMARY KEY (product_id, field, place)
);

CREATE TABLE attune.attribute_values (
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  attribute text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  value text COLLATE "C",
  unit text,
  provenance text NOT NULL CHECK (provenance IN ('supplier', 'model', 'person-created', 'person-changed')),
  model text,
  version text COLLATE "C",
  who text,
  updated timestamptz(3) NOT NULL,
  PRIMARY KEY (product_id, attribute, place)
);
CREATE INDEX attribute_values_value ON attune.attribute_values (attribute, value, product_id);

CREATE TABLE attune.predictions (${PREDICTION_COLUMNS},
  PRIMARY KEY (product_id, attribute)
);
CREATE INDEX predictions_status ON attune.predictions (attribute, status, product_id);
CREATE INDEX predictions_confidence ON attune.predictions (attribute, confidence, product_id);

CREATE TABLE attune.prediction_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${PREDICTION_COLUMNS},
  shadow boolean NOT NULL,
  replaced timestamptz(3) NOT NULL
);
CREATE INDEX prediction_history_product ON attune.prediction_history (product_id, attribute, id);
CREATE INDEX prediction_history_replaced ON attune.prediction_history (replaced);

CREATE TABLE attune.suggestions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  attribute text COLLATE "C" NOT NULL,
  value jsonb,
  not_applicable boolean NOT NULL,
  score double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
  model text NOT NULL,
  version text COLLATE "C" NOT NULL,
  at timestamptz(3) NOT NULL
);
CREATE INDEX suggestions_product ON attune.suggestions (product_id, attribute, id);

CREATE TABLE attune.responses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  attribute text COLLATE "C" NOT NULL,
  suggestion_id bigint REFERENCES attune.suggestions (id) ON DELETE SET NULL,
  who text NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'submitted', 'discarded')),
  "values" jsonb NOT NULL,
  unit text,
  before jsonb,
  created timestamptz(3) NOT NULL,
  updated timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX responses_one_draft ON attune.responses (product_id, attribute, who) WHERE state = 'draft';
CREATE INDEX responses_product ON attune.responses (product_id, attribute, id);
CREATE INDEX responses_suggestion ON attune.responses (suggestion_id);

CREATE TABLE attune.review_queue (
  product_id text COLLATE "C" PRIMARY KEY REFERENCES attune.products (id) ON DELETE CASCADE,
  priority double precision NOT NULL,
  leased_to text,
  leased_until timestamptz(3),
  skipped_by text[] NOT NULL
);
CREATE INDEX review_queue_priority ON attune.review_queue (priority DESC, product_id);

CREATE TABLE attune.review_items (
  product_id text COLLATE "C" NOT NULL REFERENCES attune.review_queue (product_id) ON DELETE CASCADE,
  attribute text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  priority double precision NOT NULL,
  suggestion_id bigint REFERENCES attune.suggestions (id) ON DELETE SET NULL,
  added timestamptz(3) NOT NULL,
  PRIMARY KEY (product_id, attribute)
);
CREATE INDEX review_items_suggestion ON attune.review_items (suggestion_id);

CREATE TABLE attune.models (
  name text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  folder text NOT NULL,
  checksum text NOT NULL,
  state text NOT NULL CHECK (state IN ('loaded', 'champion', 'shadow', 'canary', 'retired')),
  share double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
  figures jsonb NOT NULL,
  registered timestamptz(3) NOT NULL,
  updated timestamptz(3) NOT NULL,
  promoted timestamptz(3),
  demoted timestamptz(3),
  PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX models_one_champion ON attune.models (name) WHERE state = 'champion';

CREATE TABLE attune.runs (
  id text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
  config jsonb NOT NULL,
  progress jsonb NOT NULL,
  figures jsonb NOT NULL,
  model text,
  version text COLLATE "C",
  message text,
  started timestamptz(3) NOT NULL,
  ended timestamptz(3)
);
CREATE INDEX runs_started ON attune.runs (started DESC, id DESC);

CREATE TABLE attune.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" UNIQUE,
  at timestamptz(3) NOT NULL,
  kind text NOT NULL,
  product_id text COLLATE "C",
  shopper text,
  session text,
  query text,
  quantity double precision,
  price double precision,
  details jsonb NOT NULL
);
CREATE INDEX events_at ON attune.events (at, id);
CREATE INDEX events_product ON attune.events (product_id, at) WHERE product_id IS NOT NULL;
CREATE INDEX events_shopper ON attune.events (shopper) WHERE shopper IS NOT NULL;

CREATE TABLE attune.alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  monitor text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title text NOT NULL,
  details jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
  who text,
  changed timestamptz(3) NOT NULL
);
CREATE INDEX alerts_monitor ON attune.alerts (monitor, id);

CREATE TABLE attune.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  who text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL
);

CREATE TABLE attune.keys (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  role text NOT NULL CHECK (role IN ('predict', 'review', 'admin')),
  hash text NOT NULL,
  created_by text NOT NULL,
  created timestamptz(3) NOT NULL,
  revoked timestamptz(3),
  last_used timestamptz(3)
);

CREATE TABLE attune.idempotency (
  key text COLLATE "C" NOT NULL,
  route text COLLATE "C" NOT NULL,
  request_hash text NOT NULL,
  answer jsonb,
  expires timestamptz(3) NOT NULL,
  PRIMARY KEY (key, route)
);
CREATE INDEX idempotency_expires ON attune.idempotency (expires);

CREATE TABLE attune.work_parts (
  dataset text COLLATE "C" NOT NULL,
  part integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'failed')),
  task jsonb NOT NULL,
  result jsonb,
  holder text,
  until timestamptz(3),
  attempts integer NOT NULL,
  message text,
  PRIMARY KEY (dataset, part)
);

CREATE TABLE attune.vectors (
  space text COLLATE "C" NOT NULL,
  product_id text COLLATE "C" NOT NULL REFERENCES attune.products (id) ON DELETE CASCADE,
  embedding real[] NOT NULL,
  content_hash text NOT NULL,
  PRIMARY KEY (space, product_id)
);
CREATE INDEX vectors_product ON attune.vectors (product_id);
`;
