/** Other people's programs beside ours, in the same run: a child process that answers JSON lines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Json = Record<string, unknown>;

/**
 * A long-lived child that reads one JSON object a line and answers each with one. What else it prints on stdout before
 * an answer (progress of a library) is passed over: an answer is a line that starts with `{`. A reply with a key
 * `error` rejects.
 */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(reply: Json): void; reject(error: Error): void }[] = [];
  #complaints = '';

  private constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#answer(line));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4000);
    });
    this.#child.on('error', (error) => this.#fail(`could not start: ${error.message}`));
    this.#child.on('exit', (code, signal) => this.#fail(`ended (${code ?? signal})`));
    this.#child.stdin!.on('error', () => {});
  }

  /** @param threads - what the numeric libraries of the child may use */
  static start(command: string, args: readonly string[], options: { readonly threads?: number } = {}): Peer {
    const threads = options.threads === undefined ? undefined : String(options.threads);
    return new Peer(command, args, {
      PYTHONUNBUFFERED: '1',
      TOKENIZERS_PARALLELISM: 'true',
      HF_HUB_OFFLINE: '1',
      ...(threads === undefined ? {} : { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads }),
    });
  }

  /** Sends one request and waits for its answer; answers come in the order of the requests. */
  ask(request: Json): Promise<Json> {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) {
        reject(new Error(`The peer ended (${this.#child.exitCode}).\n${this.#complaints}`));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }

  #answer(line: string): void {
    if (!line.startsWith('{')) return;
    const reply = JSON.parse(line) as Json;
    const next = this.#waiting.shift();
    if (reply.error === undefined) next?.resolve(reply);
    else next?.reject(new Error(`The peer says: ${String(reply.error)}`));
  }

  #fail(why: string): void {
    for (const { reject } of this.#waiting.splice(0))
      reject(new Error(`The peer ${this.#child.spawnargs.join(' ')} ${why}.\n${this.#complaints}`));
  }
}

/** One side of a comparison: does the whole work once and says how long it took or how fast it was. */
export type Contender = { readonly name: string; once(): Promise<number> };

/**
 * Runs all sides in turn (ours, theirs, ours, theirs, ...), so that a change of the machine's mood hits all alike.
 * @param warmUps - rounds that are not counted
 * @returns the counted values of each side, by name
 */
export async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
  warmUps = 1,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, once } of contenders) {
      const value = await once();
      if (round >= 0) values.get(name)!.push(value);
    }
  }
  return values;
}
