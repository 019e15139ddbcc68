/** Ctrl-C asks the work to save and stop; a second one ends the process at once. */
export function onInterrupt(): { readonly stopRequested: () => boolean; release(): void } {
  let requested = false;
  const handler = () => {
    if (requested) process.exit(130);
    requested = true;
    process.stderr.write('\nStopping after this step; press Ctrl-C again to end at once.\n');
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    stopRequested: () => requested,
    release: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}
