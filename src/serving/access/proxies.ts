/** Reverse proxies whose word on who calls is taken. */
import { isIP } from 'node:net';
import { AttuneError } from '../../base/errors.ts';
import type { ServingErrorCode } from '../errors.ts';

const NAMES: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * @param given - addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal
 * @throws `serving/invalid-option` for what is none of them, and for a network that is everybody
 */
export function checkProxies(given: readonly string[]): string[] {
  for (const each of given) if (!NAMES.includes(each) && !isNetwork(each)) throw noProxy(each);
  return [...given];
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const kind = isIP(address);
  if (kind === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}

function noProxy(given: string): AttuneError<ServingErrorCode> {
  return new AttuneError(
    'serving/invalid-option',
    `"${given.slice(0, 100)}" is no address of a reverse proxy.`,
    {
      hint: 'Name its address or network, such as 10.1.2.3 or 10.0.0.0/8, or say loopback where it runs on this machine.',
      details: { option: 'trustProxy', value: given },
    },
  );
}
