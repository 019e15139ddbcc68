/**
 * Ctrl-C asks the work to save and stop; a second one ends the process at once. The end of the program that started this one and kept
 * a channel to it, as the service does, asks too.
 */
export function onInterrupt(): { readonly stopRequested: () => boolean; release(): void } {
  let requested = false;
  const handler = () => {
    if (requested) process.exit(130);
    requested = true;
    process.stderr.write('\nStopping after this step; press Ctrl-C again to end at once.\n');
  };
  const alone = () => {
    requested = true;
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  process.on('disconnect', alone);
  // That program may have ended before.
  if (process.send !== undefined && !process.connected) requested = true;
  // The channel keeps no process running.
  process.channel?.unref();
  return {
    stopRequested: () => requested,
    release: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
      process.off('disconnect', alone);
    },
  };
}

/** For work of which nothing is kept: this process ends with the program that started it and kept a channel to it. */
export function endWithStarter(): void {
  if (process.send === undefined) return;
  if (!process.connected) process.exit(1);
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
}
