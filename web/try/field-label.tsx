export function FieldLabel({
  name,
  id,
  optional,
}: {
  readonly name: string;
  readonly id: string;
  readonly optional: boolean;
}) {
  return (
    <label htmlFor={id}>
      {name.slice(0, 1).toUpperCase() + name.slice(1)}
      {optional ? <span className="optional"> (optional)</span> : null}
    </label>
  );
}
