import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Codes of the errors that `src/models` throws, each with its meaning in a sentence; docs/errors.md is made of it. */
export const MODEL_ERRORS = {
  'models/checkpoint-missing': 'The checkpoint folder, or a file that it must hold, is not there.',
  'models/checkpoint-unreadable': 'A file of the checkpoint cannot be read or written; the cause says why.',
  'models/config-invalid':
    'A JSON file of the checkpoint is not JSON, or a value in it is not what it must be.',
  'models/architecture-unsupported':
    'The checkpoint is of an architecture, or has a module, that Attune does not know.',
  'models/pickle-refused': 'The weights are in a pickle file, which is code; Attune reads safetensors only.',
  'models/safetensors-invalid':
    'A safetensors file is truncated, oversized or malformed, and nothing of it was used.',
  'models/value-out-of-range': 'A number does not fit the format it was to be written in or read into.',
  'models/tensor-missing': 'The checkpoint lacks tensors that the architecture needs.',
  'models/tensor-unexpected': 'The checkpoint has tensors that the architecture does not know.',
  'models/tensor-shape': 'A tensor has another shape than the config says.',
  'models/adapter-targets': "An adapter's targets name no linear layer of the encoder.",
  'models/onnx-unfit':
    'An ONNX file that is to be an encoder cannot be opened, or its inputs and outputs are not those of one.',
  'models/name-invalid': 'A model name is neither a folder that exists nor a name that the hub could have.',
  'models/hub-unreachable':
    'The model is not in the local cache and the hub cannot be reached, or must not be.',
  'models/hub-refused': 'The hub does not have the model, or refuses to give it to this caller.',
  'models/download-damaged': 'A downloaded file is not the file that the hub described.',
} as const;

export type ModelErrorCode = keyof typeof MODEL_ERRORS;

export function modelError(
  code: ModelErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<ModelErrorCode> {
  return new AttuneError(code, message, options);
}
