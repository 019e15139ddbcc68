/** Words that the store keeps, and that commands and calls are checked by. */

/** What callers with a key may do; each may what the one before it may. */
export const ROLES = ['predict', 'review', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const ALERT_STATES = ['open', 'acknowledged', 'closed'] as const;
export type AlertState = (typeof ALERT_STATES)[number];
