/** Which role a call needs: one table, looked at from the top. What is not in it needs `admin`. */
import type { Role } from '../../store/vocabulary.ts';

const ROW: readonly (readonly [methods: string, path: RegExp, role: Role | 'anyone'])[] = [
  // Static files, the description of the calls, and whether the process is well.
  ['GET', /^\/$|^\/page\/|^\/docs(\/|$)|^\/openapi\.json$|^\/v2\/health\//, 'anyone'],
  ['GET', /^\/v2$|^\/v2\/models\/|^\/v1\/models(\/|$)|^\/(metrics|v1\/traffic)$/, 'predict'],
  ['POST', /^\/v1\/products:predict$|^\/v2\/models\/.+\/infer$|^\/v1\/embeddings$/, 'predict'],
  ['POST', /^\/v1\/events$/, 'predict'],
  ['POST', /^\/v2\/repository\/index$/, 'predict'],
  ['GET POST PUT DELETE', /^\/v1\/(products|corrections)(\/|$)/, 'review'],
  ['GET', /^\/v1\/pictures\//, 'review'],
  ['GET POST', /^\/v1\/reviews([:/]|$)/, 'review'],
  ['GET PUT', /^\/v1\/(monitoring|alerts)(\/|$)/, 'review'],
];

const RANK: Readonly<Record<Role, number>> = { predict: 0, review: 1, admin: 2 };

/** @param path - as the route has it */
export function roleFor(method: string, path: string): Role | 'anyone' {
  const read = method === 'HEAD' ? 'GET' : method;
  return (
    ROW.find(([methods, pattern]) => methods.split(' ').includes(read) && pattern.test(path))?.[2] ?? 'admin'
  );
}

/** Whether a key of a role may do what needs another: an admin may do everything, a reviewer predict too. */
export function allows(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
