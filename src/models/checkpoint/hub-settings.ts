import { homedir } from 'node:os';
import { join } from 'node:path';
import { HUB_URL } from '@huggingface/hub';
import { readIfThere } from './files.ts';

/** Where models come from and are kept, by the environment variables of the Hugging Face libraries. */
export type HubSettings = {
  /** `HF_ENDPOINT`, without a slash at its end. */
  readonly endpoint: string;
  /** `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else `~/.cache/huggingface/hub`. */
  readonly cache: string;
  /** `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`. */
  readonly offline: boolean;
  /** `HF_TOKEN`, else what `hf auth login` stored; undefined for public models only. */
  readonly token: string | undefined;
};

export async function readHubSettings(environment: NodeJS.ProcessEnv): Promise<HubSettings> {
  const caches = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  const home = environment.HF_HOME || join(caches, 'huggingface');
  const stored = await readIfThere(environment.HF_TOKEN_PATH || join(home, 'token'));
  return {
    endpoint: (environment.HF_ENDPOINT || HUB_URL).replace(/\/+$/, ''),
    cache: environment.HF_HUB_CACHE || environment.HUGGINGFACE_HUB_CACHE || join(home, 'hub'),
    offline: isSet(environment.HF_HUB_OFFLINE) || isSet(environment.TRANSFORMERS_OFFLINE),
    token:
      environment.HF_TOKEN ||
      environment.HUGGING_FACE_HUB_TOKEN ||
      stored?.toString('utf8').trim() ||
      undefined,
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && ['1', 'on', 'yes', 'true'].includes(value.toLowerCase());
}
