/**
 * Which addresses belong to the public internet. A catalog comes from suppliers, and an address in it must not make this
 * machine fetch what only this machine can reach: the router, a database, a cloud's credentials at 169.254.169.254.
 */
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The IPv6 addresses that are routed at all; what lies outside (::127.0.0.1, fec0::) is old, local or reserved. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** @param address - of IPv4 or IPv6, without brackets; an IPv4 address within IPv6 counts as what it is */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6);
}

/** What `publicLookup` fails with; a connection hands it on. */
export class PrivateAddressError extends Error {
  constructor(host: string, address: string) {
    super(`${host} is ${address}, which is not on the public internet`);
    this.name = 'PrivateAddressError';
  }
}

/**
 * Resolves a host for a connection, which then goes to these very addresses: a name that answers otherwise the next
 * time (DNS rebinding) gains nothing. A host with one private address among others is refused altogether.
 */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }).then(
    (addresses) => {
      const secret = addresses.find(({ address }) => !isPublicAddress(address));
      if (secret !== undefined) return callback(new PrivateAddressError(host, secret.address), '');
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first!.address, first!.family);
    },
    (error: NodeJS.ErrnoException) => callback(error, ''),
  );
};
