/**
 * Maps a stream, several items at once, answers in the order of the items.
 *
 * An answer goes out as soon as it and all before it are there, even if the source has nothing more to say yet. The
 * source is read only while fewer than `window` items are under way, and nothing is under way that nobody asked for:
 * a reader that stops reading stops the source.
 */
export async function* mapInOrder<Item, Answer>(
  source: AsyncIterable<Item>,
  window: number,
  map: (item: Item) => Promise<Answer>,
): AsyncGenerator<Answer> {
  const items = source[Symbol.asyncIterator]();
  const underWay: Promise<Answer>[] = [];
  let next: Promise<IteratorResult<Item>> | undefined;
  let ended = false;
  try {
    while (true) {
      if (!ended && underWay.length < window) {
        next ??= items.next();
        const first = underWay[0];
        const readable = first === undefined || (await isFirst(next, first));
        if (readable) {
          const item = await next;
          next = undefined;
          if (item.done === true) ended = true;
          else underWay.push(quietly(map(item.value)));
          continue;
        }
      }
      const answer = underWay.shift();
      if (answer === undefined) return;
      yield await answer;
    }
  } finally {
    next?.catch(() => {});
    if (!ended) void items.return?.()?.catch(() => {});
  }
}

function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  return Promise.race([one.then(() => true), other.then(() => false)]);
}

/** An answer that fails before its turn is reported at its turn, not as an unhandled rejection. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
