/** One key, one command, while no text is being written. */
import { useEffect, useState } from 'react';

const PLACE = 'attune-one-key-commands';

/** Single keys get in the way of those who speak to their computer, so that they can be turned off. */
export function useOneKey(commands: Readonly<Record<string, () => void>>) {
  const [on, setOn] = useState(() => localStorage.getItem(PLACE) !== 'off');
  useEffect(() => {
    if (!on) return;
    const pressed = (event: KeyboardEvent) => {
      const { target } = event;
      const writes =
        target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select');
      if (writes || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const command = commands[event.key.toLowerCase()];
      if (command === undefined) return;
      event.preventDefault();
      command();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [commands, on]);
  return {
    on,
    turn: (to: boolean) => {
      localStorage.setItem(PLACE, to ? 'on' : 'off');
      setOn(to);
    },
  };
}
