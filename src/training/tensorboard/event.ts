/**
 * The part of TensorBoard's event format that Attune writes. Field numbers are those of event.proto, summary.proto and
 * tensor.proto (https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto).
 */
import protobuf from 'protobufjs';

const optional = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: optional('double', 1),
        step: optional('int64', 2),
        fileVersion: optional('string', 3),
        summary: optional('Summary', 5),
        sessionLog: optional('SessionLog', 7),
        sourceMetadata: optional('SourceMetadata', 10),
      },
    },
    SessionLog: { fields: { status: optional('int32', 1) } },
    SourceMetadata: { fields: { writer: optional('string', 1) } },
    Summary: { fields: { value: repeated('Value', 1) } },
    Value: {
      fields: {
        tag: optional('string', 1),
        simpleValue: optional('float', 2),
        tensor: optional('TensorProto', 8),
        metadata: optional('SummaryMetadata', 9),
      },
    },
    SummaryMetadata: { fields: { pluginData: optional('PluginData', 1) } },
    PluginData: { fields: { pluginName: optional('string', 1) } },
    TensorProto: {
      fields: {
        dtype: optional('int32', 1),
        tensorShape: optional('TensorShapeProto', 2),
        stringVal: repeated('bytes', 8),
      },
    },
    TensorShapeProto: { fields: { dim: repeated('Dim', 2) } },
    Dim: { fields: { size: optional('int64', 1) } },
  },
});
const eventType = root.lookupType('Event');

const SESSION_START = 1;
const DT_STRING = 7;

/** What one event of a file can say. */
export type EventContent =
  | { readonly kind: 'file-start' }
  /** Steps from here on replace what earlier files of the folder say of them: a run was resumed. */
  | { readonly kind: 'session-start' }
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  /** Shown as Markdown. */
  | { readonly kind: 'text'; readonly tag: string; readonly text: string };

/**
 * The protobuf bytes of one event.
 *
 * @param wallTimeSeconds - since 1970, UTC
 * @param step - 0 or above
 */
export function encodeEvent(wallTimeSeconds: number, step: number, content: EventContent): Uint8Array {
  const moment = { wallTime: wallTimeSeconds, ...(step > 0 && { step }) };
  return eventType.encode({ ...moment, ...body(content) }).finish();
}

function body(content: EventContent): object {
  switch (content.kind) {
    case 'file-start':
      return { fileVersion: 'brain.Event:2', sourceMetadata: { writer: 'attune' } };
    case 'session-start':
      return { sessionLog: { status: SESSION_START } };
    case 'scalar':
      return { summary: { value: [{ tag: content.tag, simpleValue: content.value }] } };
    case 'text': {
      const tensor = {
        dtype: DT_STRING,
        tensorShape: { dim: [{ size: 1 }] },
        stringVal: [new TextEncoder().encode(content.text)],
      };
      const metadata = { pluginData: { pluginName: 'text' } };
      return { summary: { value: [{ tag: content.tag, tensor, metadata }] } };
    }
  }
}
