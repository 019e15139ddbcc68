/** Progress on standard error: a live line on a terminal, a line a stage elsewhere. */
import cliProgress from 'cli-progress';
import pc from 'picocolors';
import type { Progress } from '../base/progress.ts';

export type Display = { readonly progress: Progress /** Leaves the cursor on a fresh line. */; stop(): void };

export function createDisplay(stream: NodeJS.WriteStream = process.stderr): Display {
  return stream.isTTY ? liveDisplay(stream) : plainDisplay(stream);
}

function plainDisplay(stream: NodeJS.WriteStream): Display {
  return {
    progress: (event) => {
      if (event.kind === 'stage')
        stream.write(`${event.stage}${event.total === undefined ? '' : ` (${event.total})`}\n`);
      if (event.kind === 'message') stream.write(`${event.text}\n`);
      if (event.kind === 'warning') stream.write(`Warning: ${event.text}\n`);
    },
    stop: () => {},
  };
}

function liveDisplay(stream: NodeJS.WriteStream): Display {
  let bar: cliProgress.SingleBar | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    stop,
    progress: (event) => {
      if (event.kind === 'advance') bar?.update(event.done, { note: event.note ?? '' });
      else stop();
      if (event.kind === 'message') stream.write(`${event.text}\n`);
      if (event.kind === 'warning') stream.write(`${pc.yellow('Warning:')} ${event.text}\n`);
      if (event.kind !== 'stage') return;
      if (event.total === undefined) {
        stream.write(`${pc.dim('·')} ${event.stage}\n`);
        return;
      }
      const format = `${event.stage} ${pc.cyan('{bar}')} {value}/{total} {note} {eta_formatted} left`;
      bar = new cliProgress.SingleBar(
        { format, stream, hideCursor: true, clearOnComplete: true },
        cliProgress.Presets.shades_classic,
      );
      bar.start(event.total, 0, { note: '' });
    },
  };
}
