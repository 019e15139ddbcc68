/** Why an event file refuses: broken calls. A full disk or an unwritable folder stays Node's own error. */
export const TENSORBOARD_ERRORS = {
  'training/event-file-closed': 'Something was written to a TensorBoard event file after it was closed.',
  'training/event-step': 'A TensorBoard event has a step that is not a whole number from 0.',
} as const;

export type TensorboardErrorCode = keyof typeof TENSORBOARD_ERRORS;
