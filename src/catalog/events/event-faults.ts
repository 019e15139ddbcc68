/** Why a row of an event or shopper file is set aside; each with the sentence that goes to the rejects file. */
export const EVENT_FAULTS = {
  'event-without-time': 'the event has no time, or one that cannot be read',
  'event-in-future': 'the event is dated after today',
  'event-kind-unknown': 'the event is neither view, cart, purchase, return nor search',
  'event-without-product': 'the event names neither a product nor a query',
  'event-quantity': 'the quantity is negative or no number',
  'shopper-without-id': 'the profile does not say whose it is',
  'duplicate-shopper': 'an earlier row is of the same shopper',
} as const;
