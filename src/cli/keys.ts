import { Command, Option } from 'commander';
import { createKey, listKeys, ROLES, type Role, revokeKey } from '../attune.ts';
import { STORE_OPTION } from './store-option.ts';

type Options = { readonly store?: string; readonly json?: boolean };

export function keysCommand(): Command {
  const command = new Command('keys').description("Makes, lists and revokes keys of a service's callers.");
  const verb = (name: string, what: string) =>
    command
      .command(name)
      .description(what)
      .option(...STORE_OPTION)
      .option('--json', 'print JSON on standard output');
  verb('create', 'Makes a key and prints it: it is shown this once.')
    .requiredOption('--name <text>', 'whose it is')
    .addOption(
      new Option('--role <role>', 'predict: asks models; review: also corrects products; admin: everything')
        .choices([...ROLES])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ attune keys create --store shop-store --name webshop --role predict',
    )
    .action(async ({ json, ...options }: Options & { readonly name: string; readonly role: Role }) => {
      const { key, stored } = await createKey(options);
      process.stdout.write(json ? `${JSON.stringify({ key, stored })}\n` : `${key}\n`);
      process.stderr.write(`The key "${stored.name}" (${stored.id}, ${stored.role}) is shown this once.\n`);
    });
  verb('list', 'Lists keys, revoked ones too.')
    .addHelpText('after', '\nExample:\n  $ attune keys list --store shop-store')
    .action(async ({ json, ...options }: Options) => {
      const keys = await listKeys(options);
      if (json) process.stdout.write(`${JSON.stringify({ keys })}\n`);
      else
        for (const { id, role, name, created, lastUsed, revoked } of keys) {
          const day = (at: Date | null) => at?.toISOString().slice(0, 10) ?? 'never';
          const state = revoked === null ? `used ${day(lastUsed)}` : `revoked ${day(revoked)}`;
          process.stdout.write(`${id}  ${role.padEnd(7)}  made ${day(created)}  ${state}  ${name}\n`);
        }
    });
  verb('revoke', 'Revokes a key: it opens nothing from now on.')
    .argument('<id>', 'as `attune keys list` shows it')
    .addHelpText('after', '\nExample:\n  $ attune keys revoke 1f2e3d4c5b6a --store shop-store')
    .action(async (id: string, { json, ...options }: Options) => {
      const revoked = await revokeKey({ ...options, id });
      if (json) process.stdout.write(`${JSON.stringify(revoked)}\n`);
      process.stderr.write(`The key "${revoked.name}" (${revoked.id}) is revoked.\n`);
    });
  return command;
}
