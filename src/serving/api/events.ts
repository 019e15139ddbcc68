/** What shoppers did, as a shop tells it. */
import { z } from 'zod';
import { EVENT_KINDS } from '../../catalog/events/event-kinds.ts';

const text = z.string().min(1).max(1024).optional();

export const eventsWriteContract = z.strictObject({
  events: z
    .array(
      z.strictObject({
        at: z.iso.datetime({ offset: true }),
        kind: z.enum(EVENT_KINDS),
        productId: text,
        shopper: text.describe('A name of your own that tells shoppers apart.'),
        session: text,
        query: text.describe('Of a search, or of a view that it led to.'),
        quantity: z.number().optional(),
        price: z.number().optional(),
        reason: text.describe('Of a return, such as "color not as described".'),
        key: text.describe('Tells the event apart from all others: one that is sent twice is kept once.'),
      }),
    )
    .min(1)
    .max(10_000),
});

export const eventsAddedContract = z.strictObject({
  added: z.int(),
  repeated: z.int().describe('Were there already, by their key.'),
});

export const raiseContract = z.strictObject({
  days: z.int().min(1).max(3650).default(90).describe('Before the last event.'),
});
const outcome = { searches: z.int(), fruitless: z.int() };

export const raisedContract = z.strictObject({
  returns: z.int().describe('Items that stand in the queue because products come back as not described.'),
  searches: z.int().describe('Items that stand there because searches for another value find the product.'),
  unfound: z
    .strictObject({
      searches: z
        .int()
        .describe('With a session, by which they can be followed; of one visit each query once.'),
      fruitless: z.int().describe('After which the session looked at no product within half an hour.'),
      queries: z
        .array(z.strictObject({ query: z.string(), ...outcome }))
        .describe('Most often fruitless first.'),
      words: z
        .array(z.strictObject({ word: z.string(), ...outcome }))
        .describe(
          'That no value of an attribute has, and with which searches are fruitless more often than others.',
        ),
    })
    .describe('What shoppers searched for and did not find, by at least three visits.'),
});
