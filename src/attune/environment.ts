/** What the service reads of the environment: addresses, which may hold secrets. Nothing else does. */
export type Environment = {
  /** Of a PostgreSQL. */
  readonly database: string | undefined;
  readonly redis: string | undefined;
  /** Where OpenTelemetry spans go. */
  readonly traces: string | undefined;
};

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  return {
    database: variables.DATABASE_URL || undefined,
    redis: variables.REDIS_URL || undefined,
    traces: variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? variables.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
