/**
 * The part of the ONNX file format that Attune writes, as a protobuf schema. Field numbers are those of onnx.proto
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
import protobuf from 'protobufjs';

const optional = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    onnx: {
      nested: {
        ModelProto: {
          fields: {
            irVersion: optional('int64', 1),
            producerName: optional('string', 2),
            producerVersion: optional('string', 3),
            docString: optional('string', 6),
            graph: optional('GraphProto', 7),
            opsetImport: repeated('OperatorSetIdProto', 8),
            metadataProps: repeated('StringStringEntryProto', 14),
          },
        },
        OperatorSetIdProto: { fields: { domain: optional('string', 1), version: optional('int64', 2) } },
        StringStringEntryProto: { fields: { key: optional('string', 1), value: optional('string', 2) } },
        GraphProto: {
          fields: {
            node: repeated('NodeProto', 1),
            name: optional('string', 2),
            initializer: repeated('TensorProto', 5),
            input: repeated('ValueInfoProto', 11),
            output: repeated('ValueInfoProto', 12),
          },
        },
        NodeProto: {
          fields: {
            input: repeated('string', 1),
            output: repeated('string', 2),
            name: optional('string', 3),
            opType: optional('string', 4),
            attribute: repeated('AttributeProto', 5),
            domain: optional('string', 7),
          },
        },
        AttributeProto: {
          fields: {
            name: optional('string', 1),
            f: optional('float', 2),
            i: optional('int64', 3),
            s: optional('bytes', 4),
            ints: repeated('int64', 8),
            type: optional('int32', 20),
          },
        },
        TensorProto: {
          fields: {
            dims: repeated('int64', 1),
            dataType: optional('int32', 2),
            name: optional('string', 8),
            rawData: optional('bytes', 9),
            externalData: repeated('StringStringEntryProto', 13),
            dataLocation: optional('int32', 14),
          },
        },
        ValueInfoProto: { fields: { name: optional('string', 1), type: optional('TypeProto', 2) } },
        TypeProto: {
          fields: {
            tensorType: optional('TensorTypeProto', 1),
            sequenceType: optional('SequenceTypeProto', 4),
          },
        },
        SequenceTypeProto: { fields: { elemType: optional('TypeProto', 1) } },
        TensorTypeProto: {
          fields: { elemType: optional('int32', 1), shape: optional('TensorShapeProto', 2) },
        },
        TensorShapeProto: { fields: { dim: repeated('DimensionProto', 1) } },
        DimensionProto: { fields: { dimValue: optional('int64', 1), dimParam: optional('string', 2) } },
      },
    },
  },
});

export type OnnxAttribute = {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  ints?: readonly number[];
};
export type OnnxNode = {
  input: readonly string[];
  output: readonly string[];
  name: string;
  opType: string;
  domain?: string;
  attribute: readonly OnnxAttribute[];
};
export type OnnxTensor = {
  name: string;
  dims: readonly number[];
  dataType: number;
  rawData?: Uint8Array;
  externalData?: readonly { key: string; value: string }[];
  dataLocation?: number;
};
type OnnxType =
  | {
      tensorType: {
        elemType: number;
        shape?: { dim: readonly ({ dimValue: number } | { dimParam: string })[] };
      };
    }
  | { sequenceType: { elemType: OnnxType } };
export type OnnxValue = { name: string; type: OnnxType };
export type OnnxModel = {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  graph: {
    name: string;
    node: readonly OnnxNode[];
    initializer: readonly OnnxTensor[];
    input: readonly OnnxValue[];
    output: readonly OnnxValue[];
  };
  opsetImport: readonly { domain: string; version: number }[];
  metadataProps: readonly { key: string; value: string }[];
};

const ModelProto = root.lookupType('onnx.ModelProto');

export function encodeModel(model: OnnxModel): Uint8Array {
  return ModelProto.encode(ModelProto.create(model)).finish();
}

/** ONNX's numbers for element types. */
export const ELEMENT_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
/** ONNX's numbers for attribute types. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
