import { ROLE_GROUPS, type Role } from './roles.ts';

/** What a column, or an attribute, is to the model. @param only - groups of roles that it may have; all when left out */
export function RoleSelect({
  label,
  role,
  change,
  only,
}: {
  readonly label: string;
  readonly role: Role;
  readonly change: (role: Role) => void;
  readonly only?: readonly string[];
}) {
  return (
    <select aria-label={label} value={role} onChange={(event) => change(event.target.value as Role)}>
      {ROLE_GROUPS.filter(([group]) => only === undefined || only.includes(group)).map(([group, roles]) => (
        <optgroup key={group} label={group}>
          {roles.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
