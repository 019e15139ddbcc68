import { Option } from 'commander';
import { PRECISIONS } from '../attune.ts';

export function precisionOption(): Option {
  return new Option('--precision <kind>', 'int8: quicker, nearly as exact')
    .choices([...PRECISIONS])
    .default(PRECISIONS[0]);
}
