/** What each run of the monitoring found. Never changed once released: a further migration does that. */
export const monitorReports = `
CREATE TABLE attune.monitor_reports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  model text NOT NULL,
  version text COLLATE "C" NOT NULL,
  signals jsonb NOT NULL,
  report jsonb NOT NULL
);
CREATE INDEX monitor_reports_at ON attune.monitor_reports (at);
`;
