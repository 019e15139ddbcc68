/** The states of a training, in words. */
import type { RunAnswer } from '../../src/serving/api/training.ts';

type State = RunAnswer['state'];

export const STATE_WORDS: Readonly<Record<State, string>> = {
  waiting: 'waits for its turn',
  running: 'trains',
  stopping: 'saves and stops',
  finished: 'finished',
  stopped: 'stopped',
  interrupted: 'interrupted',
  failed: 'failed',
};

/** The class that colours it, of those that a prediction's status has. */
export const STATE_COLOUR: Readonly<Record<State, 'auto' | 'review' | 'abstain'>> = {
  waiting: 'abstain',
  running: 'review',
  stopping: 'review',
  finished: 'auto',
  stopped: 'abstain',
  interrupted: 'abstain',
  failed: 'review',
};

/** Whether it changes by itself. */
export const isMoving = ({ state }: Pick<RunAnswer, 'state'>): boolean =>
  ['waiting', 'running', 'stopping'].includes(state);

export const isResumable = ({ state }: Pick<RunAnswer, 'state'>): boolean =>
  ['stopped', 'interrupted', 'failed'].includes(state);
